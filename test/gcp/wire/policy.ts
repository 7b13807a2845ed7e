import { Fault } from './fault.ts'
import type { GroupRecord, Json, Share } from './project.ts'

/** Instances that a group may have beyond its size while it updates. */
export function surgeOf({ surge, zones }: Pick<GroupRecord, 'surge' | 'zones'>): Share {
  return surge ?? { fixed: zones.length }
}

/** Instances that it may lack meanwhile. */
export function unavailableOf({ unavailable, zones }: Pick<GroupRecord, 'unavailable' | 'zones'>): Share {
  return unavailable ?? { fixed: zones.length }
}

/** What a number or a share of a group comes to. */
export function countOf({ targetSize }: GroupRecord, { fixed, percent = 0 }: Share, round: 'up' | 'down'): number {
  const share = (percent * targetSize) / 100
  return fixed ?? (round === 'up' ? Math.ceil(share) : Math.floor(share))
}

/** A policy written over that of a group: what is not said stays, and `null` takes away. */
export function updated(group: GroupRecord, policy: Json | undefined): Partial<GroupRecord> {
  if (policy === undefined) return {}
  const { type, minimalAction, mostDisruptiveAllowedAction, replacementMethod, maxSurge, maxUnavailable } = policy
  const { instanceRedistributionType: redistribution } = policy
  return {
    ...(type === undefined ? {} : { updateType: type }),
    ...(minimalAction === undefined ? {} : { minimalAction }),
    ...(mostDisruptiveAllowedAction === undefined ? {} : { mostDisruptive: mostDisruptiveAllowedAction }),
    ...(replacementMethod === undefined ? {} : { replacementMethod }),
    ...(redistribution === undefined ? {} : { redistribution }),
    ...(maxSurge === undefined ? {} : { surge: merged(surgeOf(group), maxSurge as Json | null) }),
    ...(maxUnavailable === undefined ? {} : { unavailable: merged(unavailableOf(group), maxUnavailable as Json | null) }),
  } as Partial<GroupRecord>
}

function merged(before: Share, change: Json | null): Share | undefined {
  if (change === null) return undefined
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== null))
}

/**
 * Google's rules for what may be written, with its words where they are known.
 *
 * @param written what is written of the policy: a share that was written while the group was large enough stays.
 */
export function checkPolicy(
  group: GroupRecord,
  written: Json = { maxSurge: surgeOf(group), maxUnavailable: unavailableOf(group) },
): void {
  const { path, versions, updateType, replacementMethod, targetSize, zones } = group
  const refuse = (why: string) => {
    throw new Fault(400, 'invalid', why)
  }
  const isRegional = path.startsWith('regions/')
  const [surge, unavailable] = [surgeOf(group), unavailableOf(group)]
  for (const [name, { fixed, percent }] of Object.entries({ maxSurge: surge, maxUnavailable: unavailable })) {
    if (fixed !== undefined && percent !== undefined) refuse(`updatePolicy.${name} cannot have both fixed and percent.`)
    if (typeof (written[name] as Share | null | undefined)?.percent === 'number' && targetSize < 10)
      refuse(`updatePolicy.${name}.percent can be used only with managed instance groups of 10 instances or more.`)
    if (isRegional && fixed !== undefined && fixed !== 0 && fixed < zones.length)
      refuse(
        `Fixed updatePolicy.${name} for regional managed instance group has to be either 0 or at least equal to the number of zones.`,
      )
  }
  if (surge.fixed === 0 && unavailable.fixed === 0) refuse('updatePolicy.maxSurge and maxUnavailable cannot both be 0.')
  if (replacementMethod === 'RECREATE' && surge.fixed !== 0)
    refuse('maxSurge must be equal to 0 when replacement method is set to RECREATE')
  if (versions.filter((one) => one.fixed === undefined && one.percent === undefined).length !== 1)
    refuse('Exactly one version must have no targetSize.')
  if (versions.length > 2 && updateType === 'PROACTIVE') refuse('At most two versions can be updated proactively.')
}
