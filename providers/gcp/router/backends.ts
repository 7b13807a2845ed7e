import { callFailed, unlessAbsent } from '../../../src/core/errors.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { CallContext } from '../../../src/core/ports.ts'
import { nameOf } from '../fleet/groups.ts'
import { marksOf, withMarks } from '../marks.ts'
import type { Place } from '../place.ts'
import { asRead } from '../sdk/operations.ts'
import type { Manager } from '../sdk/resources.ts'
import { callOf, pathOf } from '../sdk/urls.ts'
import { regionOf } from '../where.ts'

/** A backend service as it is told, with all that the client would drop of it. */
export interface ServiceAsTold {
  readonly path: string
  readonly told: JsonObject
}

/** A backend of a service: a group, and how much is sent to it. */
type Backend = JsonObject & { readonly group?: string }

/** A backend service by its path. @throws RolloutError `call-failed` of class `not-found`. */
export async function readService({ caller }: Place, path: string, signal: AbortSignal): Promise<ServiceAsTold> {
  return { path, told: await caller.json(callOf(parentOf(path), 'get'), { verb: 'GET', path }, signal) }
}

/** A backend service by its name: a global one, or one of the region. @throws RolloutError `call-failed` of class `not-found`. */
export async function serviceNamed(place: Place, name: string, call: string, signal: AbortSignal): Promise<ServiceAsTold> {
  for (const parent of parentsOf(place)) {
    const found = await readService(place, `${parent}/${name}`, signal).catch(unlessAbsent)
    if (found !== undefined) return found
  }
  throw callFailed(
    'not-found',
    call,
    `There is no backend service ${name} in ${place.project}, neither global nor of ${regionOf(place)}.`,
  )
}

/** A group that is to be a backend. */
export interface Joining {
  /** The service's name, or its path. */
  readonly service: string
  readonly group: Manager
  /** A group whose backend is copied, with its balancing mode and its capacity. @default - the service's first, or Compute's own defaults */
  readonly like?: Manager | undefined
}

/** Sends to a group from now on. One that is a backend already stays as it is, unless it has left. */
export async function addBackend(
  place: Place,
  { service, group, like }: Joining,
  context: CallContext,
): Promise<string | undefined> {
  const { signal } = context
  const found = service.includes('/')
    ? await readService(place, service, signal)
    : await serviceNamed(place, service, 'join', signal)
  const backends = backendsOf(found)
  const own = backends.find((one) => sendsTo(place, one, group))
  if (own !== undefined && own['capacityScaler'] !== 0) return undefined
  const pattern = like === undefined ? undefined : await backendOf(place, like, signal)
  const { capacityScaler, ...settings } = own ?? pattern ?? backends[0] ?? {}
  const scaler = capacityScaler === undefined ? {} : { capacityScaler: capacityScaler === 0 ? 1 : capacityScaler }
  const others = backends.filter((one) => one !== own)
  const { [nameOf(group)]: _back, ...leftAt } = marksOf(found.told).leftAt ?? {}
  const description = withMarks(found.told, { leftAt })
  return await writeService(
    place,
    found,
    { backends: [...others, { ...settings, ...scaler, group: group.instanceGroup ?? '' }], description },
    context,
  )
}

/** Sends nothing to a group any more, and notes when: what it has under way may finish. It is the fleet's service, also without any of its groups. */
export async function dropBackend(
  place: Place,
  found: ServiceAsTold,
  { group, fleet }: { readonly group: Manager; readonly fleet: string },
  context: CallContext,
): Promise<string | undefined> {
  const backends = backendsOf(found)
  const staying = backends.filter((one) => !sendsTo(place, one, group))
  if (staying.length === backends.length) return undefined
  const leftAt = { ...marksOf(found.told).leftAt, [nameOf(group)]: place.now() }
  const description = withMarks(found.told, { fleet, leftAt })
  return await writeService(place, found, { backends: staying, description }, context)
}

/** Takes a group out of every backend service here, and their notes of it: Compute deletes none that is in one. */
export async function leaveAll(place: Place, group: Manager, context: CallContext): Promise<void> {
  for (const service of await servicesHere(place, context.signal)) {
    const { [nameOf(group)]: left, ...leftAt } = marksOf(service).leftAt ?? {}
    if (left === undefined && !service.backends.some((one) => sendsTo(place, one, group))) continue
    const found = await readService(place, service.path, context.signal)
    const backends = backendsOf(found).filter((one) => !sendsTo(place, one, group))
    await writeService(place, found, { backends, description: withMarks(found.told, { leftAt }) }, context)
  }
}

async function backendOf(place: Place, group: Manager, signal: AbortSignal): Promise<JsonObject | undefined> {
  for (const { path, backends } of await servicesHere(place, signal))
    if (backends.some((one) => sendsTo(place, one, group)))
      return backendsOf(await readService(place, path, signal)).find((one) => sendsTo(place, one, group))
  return undefined
}

interface Listed {
  readonly path: string
  readonly description: string
  readonly backends: readonly { readonly group?: string }[]
}

async function servicesHere(place: Place, signal: AbortSignal): Promise<Listed[]> {
  const { caller, project } = place
  const [global, regional] = await Promise.all([
    caller.list('backendServices.list', { project }, signal),
    caller.list('regionBackendServices.list', { project, region: regionOf(place) }, signal),
  ])
  const [globally, regionally] = parentsOf(place)
  return [
    ...global.map(({ name = '', description = '', backends = [] }) => ({ path: `${globally}/${name}`, description, backends })),
    ...regional.map(({ name = '', description = '', backends = [] }) => ({
      path: `${regionally}/${name}`,
      description,
      backends,
    })),
  ]
}

async function writeService(place: Place, { path, told }: ServiceAsTold, body: object, context: CallContext): Promise<string> {
  const change = { call: callOf(parentOf(path), 'patch'), verb: 'PATCH' as const, path, body: { ...body, ...asRead(told) } }
  return await place.operations.done(change, context)
}

function backendsOf({ told }: ServiceAsTold): readonly Backend[] {
  return (told['backends'] ?? []) as readonly Backend[]
}

function sendsTo({ project }: Place, { group = '' }: { readonly group?: string }, { instanceGroup = '' }: Manager): boolean {
  return pathOf(group, project) === pathOf(instanceGroup, project)
}

function parentsOf(place: Place): readonly [global: string, regional: string] {
  const { project } = place
  return [`projects/${project}/global/backendServices`, `projects/${project}/regions/${regionOf(place)}/backendServices`]
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'))
}
