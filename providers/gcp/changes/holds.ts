import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, CallContext, FleetTarget } from '../../../src/core/ports.ts'
import type { HoldView } from '../../../src/core/snapshot.ts'
import { readAutoscaler } from '../fleet/autoscaler.ts'
import { findGroups, nameOf, type FoundGroups } from '../fleet/groups.ts'
import { holdsOf } from '../fleet/holds.ts'
import { isLeaving, readMembers } from '../fleet/members.ts'
import { versionsOf } from '../fleet/sizes.ts'
import { ownPolicy, restoringPolicy } from '../fleet/update-policy.ts'
import { marksOf, withMarks, type HoldMark } from '../marks.ts'
import type { Place } from '../place.ts'
import type { Autoscaler, Manager } from '../sdk/resources.ts'
import { nameIn } from '../sdk/urls.ts'
import { accepted, groupIn, patchOf, scale } from './group.ts'
import { deleteSpareTemplates } from './spare-templates.ts'

/** Marks that say nothing to anybody once the claim is gone. */
const PASSING = { left: undefined, retired: undefined }

/** So an autoscaler works while a rollout holds its group: it may launch, and ends nobody. */
const ONLY_OUT = 'ONLY_SCALE_OUT'

/** See `FleetProvider.hold`. The mark is written before what it holds. */
export async function hold(
  place: Place,
  target: FleetTarget,
  id: string,
  wanted: HoldView,
  min: number | undefined,
  context: CallContext,
): Promise<Accepted> {
  const found = await findGroups(place, target, context.signal)
  const group = groupIn(found.groups, id, 'hold')
  refuseRival(place, found, group, wanted)
  const before = holdsOf(group).find((one) => one.kind === wanted.kind)
  const scaler = min === undefined ? undefined : await readAutoscaler(place, group, context.signal)
  const mark: HoldMark = {
    ...limits(wanted),
    ...(min === undefined ? kept(before, wanted) : kept(before ?? firstHold(group, scaler, wanted))),
  }
  const holds = { ...marksOf(group).holds, [wanted.kind]: mark }
  const description = withMarks(group, { fleet: found.id, holds })
  const body = { description, ...(min === undefined ? {} : policy(redistributing(mark, 'NONE'))) }
  const isNoted = description === group.description
  const noted = isNoted ? undefined : await place.operations.done(patchOf(place, group, body), context)
  if (min === undefined) return accepted(noted)
  const bounds = {
    min: Math.max(minAfter(group, mark.previousMin ?? 0), min),
    mode: mark.mode === undefined ? undefined : ONLY_OUT,
  }
  return accepted((await scale(place, { scaler }, bounds, context)) ?? noted)
}

/**
 * See `FleetProvider.release`. What was held is undone, and seen undone, before its mark goes; with a claim goes what is spare, and that the
 * group is being deleted: a rollout that was aborted in the middle of that leaves it to its owner.
 */
export async function release(
  place: Place,
  target: FleetTarget,
  id: string,
  kind: HoldView['kind'],
  owner: string,
  context: CallContext,
): Promise<Accepted> {
  const found = await findGroups(place, target, context.signal)
  const group = found.groups.find((one) => nameOf(one) === id)
  const held = group === undefined ? undefined : holdsOf(group).find((one) => one.kind === kind && one.owner === owner)
  if (group === undefined || held === undefined) return {}
  // Without a mode there was no autoscaler that could have been held.
  if (held.mode !== undefined) await undo(place, group, held, context)
  if (kind === 'claim') await deleteSpareTemplates(place, target, context)
  const { [kind]: _gone, ...holds } = marksOf(group).holds ?? {}
  // Who rolled the fleet has seen everybody gone that left a route.
  const restores = kind === 'claim' && !(await wouldReplace(place, group, context.signal))
  const updates = restores ? undefined : marksOf(group).updates
  const description = withMarks(group, kind === 'claim' ? { holds, ...PASSING, updates } : { holds })
  const restored = { ...redistributing(held, 'PROACTIVE'), ...(restores ? restoringPolicy(group) : {}) }
  const body = { description, ...policy(restored) }
  return accepted(await place.operations.done(patchOf(place, group, body), context))
}

/**
 * Whether the group's own updater, at work as its owner had it, would replace what a rollout has left there: then it leaves instances alone
 * until the next one is over.
 */
async function wouldReplace(place: Place, group: Manager, signal: AbortSignal): Promise<boolean> {
  if (ownPolicy(group).type !== 'PROACTIVE' || group.status?.versionTarget?.isReached === true) return false
  const launched = versionsOf(group).map((one) => nameIn(one.instanceTemplate))
  const members = await readMembers(place, nameOf(group), signal)
  return members.some((one) => !isLeaving(one) && !launched.includes(nameIn(one.version?.instanceTemplate)))
}

/** @throws RolloutError `call-failed` of class `transient` while a read still shows what was held. */
async function undo(place: Place, group: Manager, held: HoldMark, context: CallContext): Promise<void> {
  const scaler = await readAutoscaler(place, group, context.signal)
  // Never above the largest size, which somebody may have lowered meanwhile.
  const min = Math.min(minAfter(group, held.previousMin ?? 0), scaler?.autoscalingPolicy?.maxNumReplicas ?? Infinity)
  await scale(place, { scaler }, { min, mode: held.mode }, context)
  const now = (await readAutoscaler(place, group, context.signal))?.autoscalingPolicy
  if (now === undefined || (now.minNumReplicas ?? 0) === min) return
  throw callFailed('transient', 'release', `${nameOf(group)} still shows a minimum of ${now.minNumReplicas}, not ${min}.`)
}

/** A group that a rollout made may be smaller than the one that it takes over from: its minimum never makes it larger. */
export function minAfter(group: Manager, previousMin: number): number {
  return marksOf(group).rollout === undefined ? previousMin : Math.min(previousMin, group.targetSize ?? 0)
}

/** What is written of how a group updates itself; nothing where nothing changes. */
export function policy(settings: object): object {
  return Object.keys(settings).length === 0 ? {} : { updatePolicy: settings }
}

/** Zones are balanced by launching in one and ending in another: while instances are chosen by name, nobody else may choose. */
export function redistributing({ redistributes }: HoldMark, type: 'NONE' | 'PROACTIVE'): object {
  return redistributes === true ? { instanceRedistributionType: type } : {}
}

/** What there was before the first hold. Of a group that began smaller than its owner's minimum, whoever holds it knows that. */
function firstHold({ updatePolicy }: Manager, scaler: Autoscaler | undefined, wanted: Before): Before {
  const { minNumReplicas = 0, mode = 'ON' } = scaler?.autoscalingPolicy ?? {}
  return {
    previousMin: wanted.previousMin ?? minNumReplicas,
    ...(scaler === undefined ? {} : { mode }),
    ...(updatePolicy?.instanceRedistributionType === 'PROACTIVE' ? { redistributes: true } : {}),
  }
}

type Before = Pick<HoldMark, 'previousMin' | 'mode' | 'redistributes'>

/** What was there before the first hold stays in the mark. */
function kept({ previousMin, mode, redistributes }: Before = {}, wanted: Before = {}): Before {
  const min = previousMin ?? wanted.previousMin
  return {
    ...(min === undefined ? {} : { previousMin: min }),
    ...(mode === undefined ? {} : { mode }),
    ...(redistributes === undefined ? {} : { redistributes }),
  }
}

/** What a renewal says anew; what was there before the first hold stays. */
function limits({ owner, epoch, expiresAt, store }: HoldView): HoldMark {
  return { owner, epoch, expiresAt, store }
}

/** @throws RolloutError `call-failed` of class `conflict` while somebody else's mark is in force. */
function refuseRival({ now }: Place, { groups }: FoundGroups, group: Manager, wanted: HoldView): void {
  const claims = groups.flatMap((one) => holdsOf(one).filter((mark) => mark.kind === 'claim'))
  const marks = [...claims, ...holdsOf(group).filter((mark) => mark.kind === wanted.kind)]
  const rival = marks.find((one) => one.expiresAt > now() && !isSuccessor(one, wanted))
  if (rival === undefined) return
  const until = new Date(rival.expiresAt).toISOString()
  throw callFailed('conflict', 'hold', `${rival.owner} (epoch ${rival.epoch}, store ${rival.store}) holds it until ${until}.`)
}

function isSuccessor(before: HoldMark, wanted: HoldView): boolean {
  return before.owner === wanted.owner && before.store === wanted.store && wanted.epoch >= before.epoch
}
