import { callFailed } from '../../../../src/core/errors.ts'
import type { GroupRequest } from '../../../../src/core/ports.ts'
import type { GroupId } from '../../../../src/core/snapshot.ts'
import { sizesGrown, sizesLeft, type Sizes } from '../../../../src/core/sizes.ts'
import type { Input } from '../../protocol.ts'
import { ownGroup } from '../fleets.ts'
import { newGroup } from '../groups.ts'
import type { CloudState, GroupRecord } from '../state.ts'
import { change, type Call, type World } from '../world.ts'
import { admitRelease } from '../releases.ts'
import { minFollows } from './holds.ts'

/** See `FleetProvider.ensureGroup`. */
export async function ensureGroup(world: World, { target, request }: Input<'fleet.ensure-group'>, call: Call) {
  const release = await admitRelease(world, request.release, request.sealed, call.name)
  return change(world, call, (draft) => {
    draft.releases[request.release.id] = release
    const present = draft.groups[request.group]
    // The copied group is marked too, or the fleet would be found without it from now on.
    if (present === undefined) create(draft, request, ownGroup(draft, target, request.like, call.name), call.name)
    const group = ownGroup(draft, target, request.group, call.name)
    if (present !== undefined) aim(group, request, target.placement.kind === 'in-place', call.name)
    if (request.binding !== undefined) joinBeside(draft, request.binding, request.like, request.group, call.name)
  })
}

/** See `FleetProvider.resize`. */
export function resize(world: World, { target, group: name, sizes, version }: Input<'fleet.resize'>, call: Call) {
  return change(world, call, (draft) => {
    const group = ownGroup(draft, target, name, call.name)
    if (version !== null && version !== String(group.version)) {
      throw callFailed('conflict', call.name, `The group ${name} is at version ${group.version}, not ${version}: look again.`)
    }
    setSizes(draft, group, sizes, sizesGrown(group.sizes, sizes), call.name)
  })
}

/** See `FleetProvider.remove`. */
export function remove(world: World, { target, group: name, instances, sizesAfter }: Input<'fleet.remove'>, call: Call) {
  return change(world, call, (draft) => {
    const group = ownGroup(draft, target, name, call.name)
    for (const one of group.instances) if (instances.includes(one.id)) one.removing ??= { at: world.now() }
    // Who is not named stays, also those that were launched since somebody looked.
    const others = group.instances.filter((one) => one.removing === undefined)
    setSizes(draft, group, sizesAfter, sizesLeft(group.sizes, sizesAfter, others), call.name)
  })
}

/** See `FleetProvider.retire`. */
export function retire(world: World, { target, group: name }: Input<'fleet.retire'>, call: Call) {
  return change(world, call, (draft) => {
    if (draft.groups[name] === undefined) return
    const group = ownGroup(draft, target, name, call.name)
    if (group.retiring) return
    group.retiring = true
    group.sizes = { [group.release]: 0 }
    group.version += 1
  })
}

function create(state: CloudState, request: GroupRequest, like: GroupRecord, call: string): void {
  const held = like.holds.find((hold) => hold.previousMin !== undefined)
  const { zones, max } = like
  state.groups[request.group] = newGroup({
    id: request.group,
    release: request.release.id,
    size: checkedTotal(request.group, [request.size], max, call),
    min: held?.previousMin ?? like.min,
    max,
    zones,
    createdBy: request.rolloutId,
  })
}

/** The launch release is what the group launches from now on; instances that it has stay. */
function aim(group: GroupRecord, request: GroupRequest, mayChangeRelease: boolean, call: string): void {
  if (group.retiring) throw callFailed('conflict', call, `The group ${group.id} is being retired.`)
  const release = request.release.id
  if (group.release !== release && !mayChangeRelease) {
    throw callFailed('conflict', call, `The group ${group.id} launches ${group.release}, not ${release}.`)
  }
  const size = Math.max(group.sizes[release] ?? 0, request.size)
  checkedTotal(group.id, Object.values({ ...group.sizes, [release]: size }), group.max, call)
  if (group.release === release && group.sizes[release] === size) return
  group.release = release
  group.sizes[release] = size
  group.version += 1
  minFollows(group)
}

/** @param asked what the caller asked for; `sizes` is what becomes of it. */
function setSizes(state: CloudState, group: GroupRecord, asked: Sizes, sizes: Sizes, call: string): void {
  if (group.retiring) throw callFailed('conflict', call, `The group ${group.id} is being retired.`)
  const stranger = Object.keys(asked).find((release) => state.releases[release] === undefined && asked[release] !== 0)
  if (stranger !== undefined)
    throw callFailed('invalid', call, `The group ${group.id} knows no release ${stranger}; ensure it first.`)
  checkedTotal(group.id, Object.values({ ...group.sizes, ...asked }), group.max, call)
  const kept = Object.entries({ ...group.sizes, ...sizes }).filter(([release, size]) => size > 0 || release === group.release)
  const next = Object.fromEntries(kept)
  const same = kept.length === Object.keys(group.sizes).length && kept.every(([release, size]) => group.sizes[release] === size)
  if (!same) group.version += 1
  group.sizes = next
  minFollows(group)
}

function checkedTotal(group: GroupId, sizes: readonly number[], max: number, call: string): number {
  const wrong = sizes.find((size) => !Number.isInteger(size) || size < 0)
  if (wrong !== undefined)
    throw callFailed('invalid', call, `The group ${group} cannot have ${wrong} instances; a size is a whole number from 0.`)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total <= max) return total
  throw callFailed('quota', call, `The group ${group} shall have ${total} instances; its maximum is ${max}.`)
}

function joinBeside(state: CloudState, binding: string, like: GroupId, group: GroupId, call: string): void {
  const services = Object.values(state.services).filter((one) => one.pools.some((pool) => pool.members[like] !== undefined))
  const pools = services.flatMap((one) => one.pools.filter((pool) => pool.binding === binding))
  if (pools.length === 0)
    throw callFailed('not-found', call, `No balancer that serves ${like} has a pool ${binding}; prepare it first.`)
  for (const pool of pools) pool.members[group] ??= { left: [] }
}
