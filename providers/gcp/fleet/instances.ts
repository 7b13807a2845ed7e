import type { InstanceView, ReleaseId } from '../../../src/core/snapshot.ts'
import type { ManagedInstance, Manager } from '../sdk/resources.ts'
import { valueIn } from '../sdk/urls.ts'
import { textOf } from '../sdk/causes.ts'
import { isHealthChecked } from './facts.ts'
import { isNumber, type Machine } from './machines.ts'
import { stateOf } from './states.ts'

/**
 * The id of an instance: its name, by which groups let instances go, and its machine's number, for a name may be given again. Without a
 * machine it is a place that is to be filled.
 */
export function instanceId({ name = '', id }: ManagedInstance): string {
  return isNumber(id) ? `${name}/${id}` : name
}

/** The name in an instance's id, and the number of its machine if it had one. */
export function namedIn(id: string): { readonly name: string; readonly number?: string } {
  const [name = '', number] = id.split('/')
  return { name, ...(number === undefined ? {} : { number }) }
}

/** Whether an instance has a machine, or is a place that is to be filled. */
export function hasMachine({ id }: Pick<InstanceView, 'id'>): boolean {
  return namedIn(id).number !== undefined
}

/** Sorts by launch, the first one first; what is to be launched comes last. */
export function byLaunch(a: InstanceView, b: InstanceView): number {
  return Number(hasMachine(b)) - Number(hasMachine(a)) || a.launchedAt - b.launchedAt
}

/** An instance as a look shows it; `undefined` when it is none of those that serve. */
export function instanceView(
  group: Manager,
  member: ManagedInstance,
  machine: Machine | undefined,
  release: ReleaseId,
): InstanceView | undefined {
  const state = stateOf(member, isHealthChecked(group))
  if (state === 'absent') return undefined
  const zone = valueIn(member.instance, 'zones')
  const reason = state === 'healthy' ? undefined : reasonOf(member)
  // One that is only to be launched has no moment of its own yet.
  const { creationTimestamp: groupMade = '' } = group
  const launched = machine?.createdAt ?? groupMade
  return {
    id: instanceId(member),
    release,
    state,
    ...(reason === undefined ? {} : { reason }),
    launchedAt: Date.parse(launched) || 0,
    ...(zone === undefined ? {} : { zone }),
    ...(machine?.address === undefined ? {} : { address: `http://${machine.address}` }),
  }
}

/** What the last attempt failed of; else what it is doing, and how it is. */
function reasonOf({ lastAttempt, currentAction, instanceStatus, instanceHealth = [] }: ManagedInstance): string {
  const errors = lastAttempt?.errors?.errors ?? []
  if (errors.length > 0) return errors.map(textOf).join('; ')
  const health = instanceHealth.flatMap((one) => one.detailedHealthState ?? [])
  const said = [currentAction ?? 'no action', instanceStatus, ...health]
  return said.filter((one) => one !== undefined && one !== '').join(', ')
}
