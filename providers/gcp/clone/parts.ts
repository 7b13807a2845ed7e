import type { JsonObject } from '../../../src/core/json.ts'
import { unlessAbsent } from '../../../src/core/errors.ts'
import type { CallContext } from '../../../src/core/ports.ts'
import { readAutoscaler } from '../fleet/autoscaler.ts'
import { heldMinimum } from '../fleet/holds.ts'
import { nameOf } from '../fleet/groups.ts'
import { marksOf, type Marks } from '../marks.ts'
import type { Place } from '../place.ts'
import { asRead } from '../sdk/operations.ts'
import type { Manager } from '../sdk/resources.ts'
import { nameIn } from '../sdk/urls.ts'
import { callIn, pathIn } from '../where.ts'

/** Gives a clone what its group has beside it: resources of their own. Asked for again it makes what is missing. */
export async function copyParts(place: Place, like: Manager, clone: string, context: CallContext): Promise<void> {
  await copyNamedPorts(place, like, clone, context)
  await copyAutoscaler(place, like, clone, context)
}

/** The ports by which backend services reach its instances: before it is one of their backends. */
async function copyNamedPorts(place: Place, like: Manager, clone: string, context: CallContext): Promise<void> {
  const read = (name: string) =>
    place.caller.json(
      callIn(place, 'instanceGroups', 'get'),
      { verb: 'GET', path: pathIn(place, 'instanceGroups', name) },
      context.signal,
    )
  const [from, to] = await Promise.all([read(nameOf(like)), read(clone)])
  const namedPorts = from['namedPorts'] ?? []
  if (JSON.stringify(namedPorts) === JSON.stringify(to['namedPorts'] ?? [])) return
  const change = {
    call: callIn(place, 'instanceGroups', 'setNamedPorts'),
    verb: 'POST' as const,
    path: `${pathIn(place, 'instanceGroups', clone)}/setNamedPorts`,
    body: { namedPorts, ...asRead(to) },
  }
  await place.operations.done(change, context)
}

/** Its autoscaler, as it is while nobody holds it: it may not make the clone larger than it was asked to be. */
async function copyAutoscaler(place: Place, like: Manager, clone: string, context: CallContext): Promise<void> {
  const own = nameIn(like.status?.autoscaler)
  if (own === '' || (await readScaler(place, clone, context)) !== undefined) return
  const scaler = await readScaler(place, own, context)
  if (scaler === undefined) return
  const { autoscalingPolicy, description } = scaler
  const held = heldMinimum(like)
  const policy = {
    ...(autoscalingPolicy as JsonObject),
    ...(held === undefined
      ? {}
      : { minNumReplicas: held.previousMin ?? 0, ...(held.mode === undefined ? {} : { mode: held.mode }) }),
  }
  const body = {
    name: clone,
    target: pathIn(place, 'instanceGroupManagers', clone),
    autoscalingPolicy: policy,
    ...(description === undefined ? {} : { description }),
  }
  const path = pathIn(place, 'autoscalers', '').slice(0, -1)
  await place.operations.done({ call: callIn(place, 'autoscalers', 'insert'), verb: 'POST', path, body }, context)
}

/**
 * The marks of a clone that is whole. One that was held before it had its autoscaler says from now on what that one goes back to: what the
 * original's is while nobody holds it.
 */
export async function wholeMarks(place: Place, like: Manager, clone: Manager, context: CallContext): Promise<Marks> {
  const { partial: _partial, ...marks } = marksOf(clone)
  const held = heldMinimum(clone)
  const scaler = held === undefined || held.mode !== undefined ? undefined : await readAutoscaler(place, like, context.signal)
  if (held === undefined || scaler === undefined) return marks
  const { minNumReplicas: min = 0, mode = 'ON' } = scaler.autoscalingPolicy ?? {}
  const { previousMin = min, mode: before = mode } = heldMinimum(like) ?? {}
  const { kind, ...mark } = held
  return { ...marks, holds: { ...marks.holds, [kind]: { ...mark, previousMin, mode: before } } }
}

function readScaler(place: Place, name: string, { signal }: CallContext): Promise<JsonObject | undefined> {
  const path = pathIn(place, 'autoscalers', name)
  return place.caller.json(callIn(place, 'autoscalers', 'get'), { verb: 'GET', path }, signal).catch(unlessAbsent)
}
