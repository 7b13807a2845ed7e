import { marksOf, type OwnPolicy } from '../marks.ts'
import type { FixedOrPercent, Manager } from '../sdk/resources.ts'

/** How a group updates itself, as its owner wrote it: before a rollout where one wrote over it. */
export function ownPolicy(group: Manager): OwnPolicy {
  return marksOf(group).updates ?? policyOf(group)
}

/** Google takes a share of groups of so many instances or more; of a group that has become smaller it stays. */
const FEWEST_FOR_SHARES = 10

/** A policy as a group can be given it: the shares of a small one are the numbers that they come to, in a region no fewer than its zones. */
export function policyFor(group: Manager, size: number, policy: OwnPolicy): OwnPolicy {
  if (size >= FEWEST_FOR_SHARES) return policy
  const least = group.distributionPolicy?.zones?.length ?? 1
  const numbered = (share: FixedOrPercent, round: (count: number) => number) => {
    const { percent } = share
    if (percent === undefined) return share
    return { fixed: percent === 0 ? 0 : Math.max(least, round((percent * size) / 100)) }
  }
  const { maxSurge, maxUnavailable } = policy
  return {
    ...policy,
    ...(maxSurge === undefined ? {} : { maxSurge: numbered(maxSurge, Math.ceil) }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable: numbered(maxUnavailable, Math.floor) }),
  }
}

/** What has to be written so that a group updates itself as its owner wrote it; nothing where nothing was changed. */
export function restoringPolicy(group: Manager): object {
  const { updates: own } = marksOf(group)
  if (own === undefined) return {}
  const now = policyOf(group)
  const given = policyFor(group, group.targetSize ?? 0, own)
  const isSo = (policy: OwnPolicy, name: keyof OwnPolicy) => JSON.stringify(now[name]) === JSON.stringify(policy[name])
  const names = Object.keys({ ...now, ...own }) as (keyof OwnPolicy)[]
  const changed = names.filter((name) => !isSo(own, name) && !isSo(given, name))
  return Object.fromEntries(changed.map((name) => [name, instead(given[name])]))
}

/** A number or a share as it is written over another: what is not `null` in a patch stays, and a group has one of the two. */
export function instead(value: OwnPolicy[keyof OwnPolicy]): unknown {
  return typeof value === 'object' ? { fixed: null, percent: null, ...value } : (value ?? null)
}

function policyOf({ updatePolicy = {} }: Manager): OwnPolicy {
  const { type = 'OPPORTUNISTIC', minimalAction, replacementMethod, maxSurge, maxUnavailable } = updatePolicy
  return {
    type,
    ...(minimalAction === undefined ? {} : { minimalAction }),
    ...(replacementMethod === undefined ? {} : { replacementMethod }),
    ...(maxSurge === undefined ? {} : { maxSurge: asked(maxSurge) }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable: asked(maxUnavailable) }),
  }
}

/** Without what Compute makes of it. */
function asked({ fixed, percent }: FixedOrPercent): FixedOrPercent {
  return fixed === undefined ? (percent === undefined ? {} : { percent }) : { fixed }
}
