import type { Can, ProviderFacts, UpdaterLimits } from '../../../src/core/snapshot.ts'
import type { Room } from './quota.ts'
import { healthSourceOf, nameOf, type ScaleSet } from './set.ts'
import { ownMode } from './upgrade-note.ts'
import { leastSurge } from './upgrade-policy.ts'

/** What was written shows in the lists of a set a little later. */
const SETTLE_MS = 10_000
/** Azure's front door gives up on a request after a minute; what it took by then is under way. */
const LATE_CALL_HORIZON_MS = 60_000
/** Autoscale settings are judged by the minute. */
const AUTOSCALER_PERIOD_MS = 60_000
/** Genuine scale sets take two to four minutes, and have been seen to need most of an hour. */
const READY_DEADLINE_MS = 60 * 60_000
const DRAIN_DEADLINE_MS = 15 * 60_000
const USUAL_BOOT_MS = 133_000

/** What a fleet's sets are beside what they say themselves. */
export interface Surroundings {
  /** Whether an autoscale setting is in force for one of them. */
  readonly autoscaled: boolean
  /** What the quotas leave for more machines. @default - nobody asked, for only in place it matters */
  readonly room: Room | undefined
}

/** What a fleet of these sets can do. */
export function providerFacts(sets: readonly ScaleSet[], { autoscaled, room }: Surroundings): ProviderFacts {
  const sources = sets.map(healthSourceOf)
  const known = sources.filter((one) => one !== undefined)
  return {
    clone: { can: true },
    slots: { can: true },
    inPlace: { can: true },
    native: upgradable(sets, room),
    updater: updaterLimits(sets),
    conditional: { can: true },
    marksInGroup: true,
    autoscaled,
    settleMs: SETTLE_MS,
    lateCallHorizonMs: LATE_CALL_HORIZON_MS,
    autoscalerPeriodMs: autoscaled ? AUTOSCALER_PERIOD_MS : 0,
    readyDeadlineMs: READY_DEADLINE_MS,
    drainDeadlineMs: DRAIN_DEADLINE_MS,
    usualBootMs: USUAL_BOOT_MS,
    // A set without one says no more than that its machines run: then only a probe of the fleet's knows.
    health: known.length === sets.length ? [...new Set(known)] : [],
  }
}

/** Whether a rolling upgrade of these sets replaces instances, as a plan by the cloud's own updater needs it. */
function upgradable(sets: readonly ScaleSet[], room: Room | undefined): Can {
  const [why] = [...sets.flatMap(unfit), ...quotaShort(sets, room)]
  return why === undefined
    ? { can: true }
    : { can: false, why, instead: 'a rolling by the engine, which replaces instances and never re-images them' }
}

function unfit(set: ScaleSet): string[] {
  const name = nameOf(set)
  return [
    ...(ownMode(set) === 'Manual' ? [] : [`${name} is in ${ownMode(set)} mode: a mark alone may begin an upgrade of it`]),
    ...(healthSourceOf(set) === undefined
      ? [`${name} has neither a health probe nor the application health extension, without which Azure upgrades nothing`]
      : []),
    ...(set.overprovision === true ? [`${name} overprovisions, and then a rolling upgrade re-images what runs`] : []),
  ]
}

/** The least batch of all: where not even one more machine is allowed, Azure falls back to re-imaging without a word. */
function quotaShort(sets: readonly ScaleSet[], room: Room | undefined): string[] {
  const needed = Math.max(1, ...sets.map((one) => leastSurge(one.sku?.capacity ?? 0)))
  if (room?.machines === undefined || room.machines >= needed) return []
  return [
    `a rolling upgrade needs ${needed} more at once, or it re-images what runs, and the quota leaves ${room.machines}: ${room.why}`,
  ]
}

/** A batch is a share of the set, and its old instances go as soon as the new ones are well. */
function updaterLimits(sets: readonly ScaleSet[]): UpdaterLimits {
  const size = Math.max(0, ...sets.map((one) => one.sku?.capacity ?? 0))
  const count = leastSurge(size)
  const why = `a rolling upgrade takes 5 % of a scale set at once at least (${count} of ${size})`
  return {
    ...(count > 1 ? { least: { count, why } } : {}),
    soak: { can: false, why: 'a rolling upgrade deletes the old instances of a batch as soon as the new ones are well' },
    withoutSurge: { can: false, why: 'without instances beyond the size a rolling upgrade re-images those that run' },
  }
}
