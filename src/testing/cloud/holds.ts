import { callFailed } from '../../core/errors.ts'
import type { FleetTarget } from '../../core/ports.ts'
import type { HoldView } from '../../core/snapshot.ts'
import { buryGroup, written } from './instances.ts'
import type { Operation } from './operation.ts'
import { sizeOf, type FleetRecord, type GroupRecord } from './records.ts'
import { fleetOf, groupIn, type Site } from './site.ts'

/** See `FleetProvider.hold`. */
export function hold(site: Site, target: FleetTarget, id: string, wanted: HoldView, min: number | undefined): Operation {
  const name = 'hold'
  const group = () => groupIn(fleetOf(site, target, name), id, name)
  return {
    name,
    about: `${wanted.kind} on ${id} by ${wanted.owner}`,
    check: () => refuseRival(site, group(), wanted, name),
    apply: () => mark(site, group(), wanted, min),
  }
}

/** See `FleetProvider.release`. */
export function release(site: Site, target: FleetTarget, id: string, kind: HoldView['kind'], owner: string): Operation {
  const name = 'release'
  const fleet = () => fleetOf(site, target, name)
  return {
    name,
    about: `${kind} on ${id} by ${owner}`,
    check: () => void fleet(),
    apply() {
      const group = fleet().groups.get(id)
      if (group !== undefined) unmark(site, group, kind, owner)
    },
  }
}

/** While scale-in is held, the minimum moves with the rollout's own sizes. */
export function minFollows(site: Site, group: GroupRecord): void {
  if (group.holds.some((one) => one.kind === 'scale-in' && one.previousMin !== undefined)) setMin(site, group, sizeOf(group))
}

function mark(site: Site, group: GroupRecord, wanted: HoldView, min: number | undefined): void {
  const before = group.holds.find((one) => one.kind === wanted.kind)
  // What was there before the first hold is restored, however often it is renewed.
  const previousMin = before?.previousMin ?? (min === undefined ? undefined : (wanted.previousMin ?? group.min))
  const held = Object.freeze({ ...wanted, ...(previousMin === undefined ? {} : { previousMin }) })
  group.holds = Object.freeze([...group.holds.filter((one) => one !== before), held])
  site.world.record(`group ${group.id} is marked: ${wanted.kind} by ${wanted.owner}`)
  if (min !== undefined) setMin(site, group, Math.max(minAfter(group, previousMin ?? 0), min))
  written(group)
}

function unmark(site: Site, group: GroupRecord, kind: HoldView['kind'], owner: string): void {
  const held = group.holds.find((one) => one.kind === kind && one.owner === owner)
  if (held === undefined) return
  if (held.previousMin !== undefined) setMin(site, group, minAfter(group, held.previousMin))
  group.holds = Object.freeze(group.holds.filter((one) => one !== held))
  site.world.record(`group ${group.id} is no longer marked: ${kind} by ${owner}`)
  written(group)
  buryGroup(site, group)
}

/** A group that a rollout made may be smaller than the one that it takes over from: its minimum never makes it larger. */
function minAfter(group: GroupRecord, previousMin: number): number {
  return group.createdBy === undefined ? previousMin : Math.min(previousMin, sizeOf(group))
}

/** Writes the minimum. */
export function setMin(site: Site, group: GroupRecord, min: number): void {
  if (group.min === min) return
  group.min = min
  site.world.record(`group ${group.id} has minimum ${min}`)
  written(group)
}

function refuseRival(site: Site, group: GroupRecord, wanted: HoldView, call: string): void {
  const marks = [...claimsOf(group.fleet), ...group.holds.filter((one) => one.kind === wanted.kind)]
  const rival = marks.find((one) => one.expiresAt > site.world.now && !isSuccessor(one, wanted))
  if (rival === undefined) return
  const until = new Date(rival.expiresAt).toISOString()
  throw callFailed('conflict', call, `${rival.owner} (epoch ${rival.epoch}, store ${rival.store}) holds it until ${until}.`)
}

function isSuccessor(before: HoldView, wanted: HoldView): boolean {
  return before.owner === wanted.owner && before.store === wanted.store && wanted.epoch >= before.epoch
}

function claimsOf(fleet: FleetRecord): HoldView[] {
  return [...fleet.groups.values()].flatMap((group) => group.holds.filter((one) => one.kind === 'claim'))
}
