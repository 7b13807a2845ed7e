import { marksOf, type OwnPolicy } from '../marks.ts'
import type { FixedOrPercent, Manager } from '../sdk/resources.ts'

/** How a group updates itself, as its owner wrote it: before a rollout where one wrote over it. */
export function ownPolicy(group: Manager): OwnPolicy {
  return marksOf(group).updates ?? policyOf(group)
}

/** What has to be written so that a group updates itself as its owner wrote it; nothing where nothing was changed. */
export function restoringPolicy(group: Manager): object {
  const { updates } = marksOf(group)
  if (updates === undefined) return {}
  const now = policyOf(group)
  const names = Object.keys({ ...now, ...updates }) as (keyof OwnPolicy)[]
  const changed = names.filter((name) => JSON.stringify(now[name]) !== JSON.stringify(updates[name]))
  return Object.fromEntries(changed.map((name) => [name, instead(updates[name])]))
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
