import { callFailed } from '../../../src/core/errors.ts'
import type { Accepted, CallContext, FleetTarget } from '../../../src/core/ports.ts'
import type { GroupView } from '../../../src/core/snapshot.ts'
import { see, type Read, type Seen } from '../fleet/describe.ts'
import { nameOf } from '../fleet/groups.ts'
import type { Place } from '../place.ts'
import { asRead } from '../sdk/operations.ts'
import type { Manager } from '../sdk/resources.ts'
import { callIn, pathIn } from '../where.ts'

/** A group as it is now, to be changed. */
export interface Present extends Seen, Read {
  readonly view: GroupView
}

/** @throws RolloutError `call-failed` of class `not-found`. */
export async function present(
  place: Place,
  target: FleetTarget,
  id: string,
  call: string,
  signal: AbortSignal,
): Promise<Present> {
  const seen = await see(place, target, signal)
  const [view, read] = [seen.look.groups.find((one) => one.id === id), seen.groups.find((one) => nameOf(one.group) === id)]
  if (view !== undefined && read !== undefined) return { ...seen, ...read, view }
  throw notOne(
    id,
    call,
    seen.look.groups.map((one) => one.id),
  )
}

/** A group of the fleet. @throws RolloutError `call-failed` of class `not-found`. */
export function groupIn(groups: readonly Manager[], id: string, call: string): Manager {
  const group = groups.find((one) => nameOf(one) === id)
  if (group !== undefined) return group
  throw notOne(id, call, groups.map(nameOf))
}

function notOne(id: string, call: string, groups: readonly string[]) {
  const there = groups.join(', ') || 'none'
  return callFailed('not-found', call, `The fleet has no managed instance group ${id}; there are: ${there}.`)
}

/** A change of a group as it was read: landed after anybody else's, it is refused. */
export function patchOf(place: Place, group: Manager, body: object) {
  return {
    call: callIn(place, 'instanceGroupManagers', 'patch'),
    verb: 'PATCH' as const,
    path: pathIn(place, 'instanceGroupManagers', nameOf(group)),
    body: { ...body, ...asRead(group) },
  }
}

/** Accepted by the name of its operation; nothing was sent where everything is as it shall be. */
export function accepted(handle: string | undefined): Accepted {
  return handle === undefined ? {} : { handle }
}

/** Writes other bounds of a group's autoscaler, or how it works; a group without one has none. */
export async function scale(
  place: Place,
  { scaler }: Pick<Read, 'scaler'>,
  policy: { readonly min: number; readonly max?: number; readonly mode?: string | undefined },
  context: CallContext,
): Promise<string | undefined> {
  if (scaler?.name === undefined) return undefined
  const { minNumReplicas, maxNumReplicas, mode } = scaler.autoscalingPolicy ?? {}
  const max = policy.max ?? maxNumReplicas ?? policy.min
  const wanted = { minNumReplicas: Math.min(policy.min, max), maxNumReplicas: max, mode: policy.mode ?? mode }
  if (wanted.minNumReplicas === minNumReplicas && max === maxNumReplicas && wanted.mode === mode) return undefined
  const change = {
    call: callIn(place, 'autoscalers', 'patch'),
    verb: 'PATCH' as const,
    path: `${pathIn(place, 'autoscalers', '').slice(0, -1)}?autoscaler=${scaler.name}`,
    body: { autoscalingPolicy: wanted },
  }
  return await place.operations.done(change, context)
}
