import { callFailed } from '../../../src/core/errors.ts'
import { groupsNamed } from '../../../src/core/placement.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { FleetId, GroupId } from '../../../src/core/snapshot.ts'
import type { CloudState, GroupRecord } from './state.ts'

/** The canonical id: the mark that its groups bear, else one made of the first group's name. */
export function fleetIdOf(state: CloudState, target: FleetTarget): FleetId {
  if (target.id !== undefined) return target.id
  const names = groupsNamed(target.placement).toSorted()
  const marked = names.map((name) => state.groups[name]?.fleet).find((mark) => mark !== undefined)
  return marked ?? `${ownIds(state)}${names[0] ?? target.name}`
}

/** The groups of a fleet: those with its mark; before there is any mark the one that its id was made of, or those that the placement names. */
export function groupsOf(state: CloudState, target: FleetTarget): GroupRecord[] {
  const id = fleetIdOf(state, target)
  const all = Object.values(state.groups)
  const marked = all.filter((group) => group.fleet === id)
  if (marked.length > 0) return marked
  const names = target.id === undefined ? groupsNamed(target.placement) : [firstGroupOf(state, target.id)]
  return all.filter((group) => group.fleet === undefined && names.includes(group.id))
}

/** What the ids of this cloud's fleets begin with. */
function ownIds(state: CloudState): string {
  return `local:${state.cloud}/`
}

function firstGroupOf(state: CloudState, id: FleetId): GroupId | undefined {
  return id.startsWith(ownIds(state)) ? id.slice(ownIds(state).length) : undefined
}

/** A group that this fleet may change, marked as its own from now on. @throws RolloutError `call-failed`: `not-found`, or `conflict` when it is another fleet's. */
export function ownGroup(state: CloudState, target: FleetTarget, name: GroupId, call: string): GroupRecord {
  const group = groupNamed(state, name, call)
  const id = fleetIdOf(state, target)
  if (group.fleet !== undefined && group.fleet !== id) {
    throw callFailed('conflict', call, `The group ${name} belongs to the fleet ${group.fleet}, not to ${id}.`)
  }
  group.fleet = id
  return group
}

/** A group by name. @throws RolloutError `call-failed` of class `not-found`. */
export function groupNamed(state: CloudState, name: GroupId, call: string): GroupRecord {
  const group = state.groups[name]
  if (group === undefined)
    throw callFailed(
      'not-found',
      call,
      `There is no group ${name}; there are: ${Object.keys(state.groups).join(', ') || 'none'}.`,
    )
  return group
}
