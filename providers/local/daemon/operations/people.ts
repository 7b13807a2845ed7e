import { callFailed } from '../../../../src/core/errors.ts'
import { freePort } from '../../instances/ports.ts'
import type { Input } from '../../protocol.ts'
import { WEIGHT_UNITS } from '../../facts.ts'
import { groupNamed } from '../fleets.ts'
import { newGroup } from '../groups.ts'
import { admitRelease } from '../releases.ts'
import { portsOf, type GroupRecord, type PoolRecord } from '../state.ts'
import { change, type Call, type World } from '../world.ts'

/** The first address starts the balancer's process. */
const STARTS_WITHIN_MS = 15_000

/** Creates a group as infrastructure code would. The same definition again changes nothing. */
export async function createGroup(world: World, { name, release, sealed, ...rest }: Input<'group.create'>, call: Call) {
  const record = await admitRelease(world, release, sealed, call.name)
  return change(world, call, (draft) => {
    draft.releases[release.id] = record
    const wanted = newGroup({ id: name, release: release.id, ...rest })
    const present = draft.groups[name]
    if (present !== undefined && definitionOf(present) !== definitionOf(wanted)) {
      throw callFailed(
        'conflict',
        call.name,
        `There is a group ${name} already, defined otherwise; delete it or take another name.`,
      )
    }
    draft.groups[name] ??= wanted
  })
}

/** Sets a group's size as a person would. A minimum that a rollout holds is not undercut. */
export function resizeGroup(world: World, { name, size }: Input<'group.resize'>, call: Call) {
  return change(world, call, (draft) => {
    const group = groupNamed(draft, name, call.name)
    if (group.retiring) throw callFailed('conflict', call.name, `The group ${name} is being deleted.`)
    if (!Number.isInteger(size) || size < group.min || size > group.max) throw outOfBounds(group, size, call.name)
    const others = Object.entries(group.sizes).filter(([release]) => release !== group.release)
    const rest = size - others.reduce((sum, [, count]) => sum + count, 0)
    if (rest < 0)
      throw callFailed(
        'conflict',
        call.name,
        `The group ${name} is being replaced and has ${size - rest} instances of other releases.`,
      )
    group.sizes[group.release] = rest
    group.version += 1
  })
}

/** Deletes a group with its instances. An absent one is no error. */
export function deleteGroup(world: World, { name }: Input<'group.delete'>, call: Call) {
  return change(world, call, (draft) => {
    const group = draft.groups[name]
    if (group === undefined) return
    group.retiring = true
    group.sizes = { [group.release]: 0 }
    group.version += 1
  })
}

/** Lets the balancer listen for a group, which gets all of its requests. @throws RolloutError `call-failed` when the address cannot be listened on; nothing is left of it then. */
export async function createService(world: World, wanted: Input<'service.create'>, call: Call) {
  const { name, host, group } = wanted
  // A port chosen here stays the same when the balancer starts again.
  const port = wanted.port === 0 ? await freePort(portsOf(world.book.state)) : wanted.port
  if (port === undefined) throw callFailed('capacity', call.name, 'This machine has no free port left; end some instances.')
  change(world, call, (draft) => {
    groupNamed(draft, group, call.name)
    const present = draft.services[name]
    if (present !== undefined && (present.host !== host || ![present.port, 0].includes(wanted.port))) {
      throw callFailed('conflict', call.name, `There is a balancer ${name} already, on ${present.host}:${present.port}.`)
    }
    draft.services[name] ??= { name, host, port, version: 1, pools: [firstPool(group)] }
  })
  const { listening, error } = (await world.publisher.look(STARTS_WITHIN_MS)).services[name] ?? {}
  if (listening !== true) {
    world.book.change((draft) => void delete draft.services[name])
    world.wake()
    throw callFailed(
      'invalid',
      call.name,
      `The balancer ${name} cannot listen on ${host}:${port}: ${error ?? 'no reason given'}. Give another port.`,
    )
  }
  return { name, address: `http://${host}:${world.book.state.services[name]?.port ?? port}` }
}

/** Stops listening. An absent one is no error. */
export async function deleteService(world: World, { name }: Input<'service.delete'>, call: Call) {
  const answer = change(world, call, (draft) => void delete draft.services[name])
  await world.publisher.publish()
  return answer
}

function firstPool(group: string): PoolRecord {
  return { binding: group, weight: WEIGHT_UNITS, members: { [group]: { left: [] } } }
}

function definitionOf({ release, sizes, min, max, zones }: GroupRecord): string {
  return JSON.stringify([release, sizes, min, max, zones])
}

function outOfBounds(group: GroupRecord, size: number, call: string) {
  const held = group.holds.find((one) => one.previousMin !== undefined)
  const who = held === undefined ? '' : ` (${held.owner} holds the minimum until ${new Date(held.expiresAt).toISOString()})`
  return callFailed('conflict', call, `The group ${group.id} can have ${group.min} to ${group.max} instances${who}, not ${size}.`)
}
