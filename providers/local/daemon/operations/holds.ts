import { callFailed } from '../../../../src/core/errors.ts'
import type { At, HoldView } from '../../../../src/core/snapshot.ts'
import type { Input } from '../../protocol.ts'
import { fleetIdOf, ownGroup } from '../fleets.ts'
import type { CloudState, GroupRecord } from '../state.ts'
import { change, type Call, type World } from '../world.ts'

/** See `FleetProvider.hold`. */
export function hold(world: World, { target, group: name, hold: wanted, min }: Input<'fleet.hold'>, call: Call) {
  return change(world, call, (draft) => {
    const group = ownGroup(draft, target, name, call.name)
    const claims = claimsOf(draft, fleetIdOf(draft, target))
    refuseRival([...claims, ...group.holds.filter((one) => one.kind === wanted.kind)], wanted, world.now(), call.name)
    const before = group.holds.find((one) => one.kind === wanted.kind)
    group.holds = [...group.holds.filter((one) => one !== before), marked(group, wanted, before, min)]
  })
}

/** See `FleetProvider.release`. */
export function release(world: World, { target, group: name, kind, owner }: Input<'fleet.release'>, call: Call) {
  return change(world, call, (draft) => {
    if (draft.groups[name] === undefined) return
    const group = ownGroup(draft, target, name, call.name)
    const held = group.holds.find((one) => one.kind === kind && one.owner === owner)
    if (held === undefined) return
    if (held.previousMin !== undefined) group.min = held.previousMin
    group.holds = group.holds.filter((one) => one !== held)
  })
}

/** While scale-in is held, the minimum moves with the rollout's own sizes. */
export function minFollows(group: GroupRecord): void {
  if (!group.holds.some((one) => one.kind === 'scale-in' && one.previousMin !== undefined)) return
  group.min = Object.values(group.sizes).reduce((sum, size) => sum + size, 0)
}

function marked(group: GroupRecord, wanted: HoldView, before: HoldView | undefined, min: number | null): HoldView {
  if (min === null) return before?.previousMin === undefined ? wanted : { ...wanted, previousMin: before.previousMin }
  // What was there before the first hold is restored, however often it is renewed.
  const previousMin = before?.previousMin ?? wanted.previousMin ?? group.min
  group.min = Math.max(previousMin, min)
  return { ...wanted, previousMin }
}

function refuseRival(holds: readonly HoldView[], wanted: HoldView, now: At, call: string): void {
  const rival = holds.find((one) => one.expiresAt > now && !isSuccessor(one, wanted))
  if (rival === undefined) return
  const until = new Date(rival.expiresAt).toISOString()
  throw callFailed('conflict', call, `${rival.owner} (epoch ${rival.epoch}, store ${rival.store}) holds it until ${until}.`)
}

function isSuccessor(before: HoldView, wanted: HoldView): boolean {
  return before.owner === wanted.owner && before.store === wanted.store && wanted.epoch >= before.epoch
}

function claimsOf(state: CloudState, fleet: string): HoldView[] {
  return Object.values(state.groups)
    .filter((group) => group.fleet === fleet)
    .flatMap((group) => group.holds.filter((one) => one.kind === 'claim'))
}
