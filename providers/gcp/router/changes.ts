import { callFailed, isRolloutError, unlessAbsent } from '../../../src/core/errors.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { CallContext, Weights } from '../../../src/core/ports.ts'
import { nameOf } from '../fleet/groups.ts'
import { readMembers } from '../fleet/members.ts'
import { marksOf, ownText, withMarks } from '../marks.ts'
import type { Place } from '../place.ts'
import { asRead } from '../sdk/operations.ts'
import type { Manager } from '../sdk/resources.ts'
import { callOf, nameIn } from '../sdk/urls.ts'
import { callIn, pathIn } from '../where.ts'
import { addBackend, dropBackend, readService } from './backends.ts'
import { routeIn, UNITS, type Route, type Routes } from './read-routes.ts'
import { withWeights, type Forward } from './url-map.ts'

/** What a change writes: the handle of its operation, or nothing. */
type Written = Promise<string | undefined>

/** See `TrafficRouter.prepare`: a backend service of its own, like the one with most traffic, named at weight 0 by every action of the fleet. */
export async function prepare(place: Place, routes: Routes, binding: string, context: CallContext): Written {
  const known = routeIn(routes, binding)
  if (known !== undefined && !known.isPartial) return undefined
  const path = known?.path ?? (await makeService(place, routes, binding, context))
  const weights = new Map(routes.routes.filter((one) => !one.isPartial).map((one) => [one.path, one.weight]))
  return await writeMap(place, routes, new Map([...weights, [path, 0]]), context)
}

/** What Compute says of a backend service by itself, and what is its own. */
const OWN = ['backends', 'creationTimestamp', 'description', 'fingerprint', 'id', 'kind', 'name', 'region', 'selfLink', 'usedBy']

async function makeService(place: Place, { routes, fleet }: Routes, binding: string, context: CallContext): Promise<string> {
  const [like] = routes.toSorted((a, b) => b.weight - a.weight)
  if (like === undefined) throw callFailed('not-found', 'prepare', `There is no backend service that ${binding} could be like.`)
  const { told } = await readService(place, like.path, context.signal)
  const settings = Object.fromEntries(Object.entries(told).filter(([name]) => !OWN.includes(name)))
  const parent = like.path.slice(0, like.path.lastIndexOf('/'))
  const path = `${parent}/${binding}`
  const description = withMarks({ description: ownText(like.service) }, { fleet })
  const body = { ...settings, name: binding, description }
  try {
    await place.operations.done({ call: callOf(parent, 'insert'), verb: 'POST', path: parent, body }, context)
  } catch (error) {
    if (!isRolloutError(error, 'call-failed') || error.facts.class !== 'conflict') throw error
    const there = await readService(place, path, context.signal)
    if (marksOf(there.told).fleet !== fleet)
      throw callFailed('conflict', 'prepare', `There is another backend service ${path}, which is not the fleet's.`, {
        cause: error,
      })
  }
  return path
}

/** See `TrafficRouter.join`. */
export async function join(place: Place, routes: Routes, binding: string, id: string, context: CallContext): Written {
  const route = routeAt(routes, binding, 'join')
  const group = routes.groups.find((one) => nameOf(one) === id)
  if (group === undefined) throw callFailed('not-found', 'join', `The fleet has no managed instance group ${id}.`)
  const like = routes.routes.flatMap((one) => one.groups).find((one) => one !== group)
  return await addBackend(place, { service: route.path, group, like }, context)
}

/** See `TrafficRouter.setWeights`: one write for all actions, over what was read and nothing else. */
export async function setWeights(
  place: Place,
  routes: Routes,
  expected: Weights,
  wanted: Weights,
  context: CallContext,
): Written {
  checkSum(wanted)
  for (const binding of Object.keys(wanted)) routeAt(routes, binding, 'setWeights')
  for (const name of new Set([...routes.routes.map((one) => one.name), ...Object.keys(expected)])) {
    const [now, before] = [routeIn(routes, name)?.weight ?? 0, expected[name] ?? 0]
    if (now !== before) throw callFailed('conflict', 'setWeights', `${name} has weight ${now}, not ${before}: look again.`)
  }
  const named = routes.routes.filter((one) => !one.isPartial || wanted[one.name] !== undefined)
  return await writeMap(place, routes, new Map(named.map((one) => [one.path, wanted[one.name] ?? 0])), context)
}

/** See `TrafficRouter.leave`: a group is taken out of the backend service; that a single instance leaves is noted on its group. */
export async function leave(
  place: Place,
  routes: Routes,
  binding: string,
  id: string,
  instances: readonly string[] | 'all',
  context: CallContext,
): Written {
  const route = routeIn(routes, binding)
  const group = route?.groups.find((one) => nameOf(one) === id)
  if (route === undefined || group === undefined) return undefined
  if (instances !== 'all') return await noteLeft(place, group, instances, context)
  return await dropBackend(place, await readService(place, route.path, context.signal), { group, fleet: routes.fleet }, context)
}

async function noteLeft(place: Place, group: Manager, ids: readonly string[], context: CallContext): Written {
  const members = new Set((await readMembers(place, nameOf(group), context.signal)).map((one) => one.name ?? ''))
  const before = marksOf(group).left ?? []
  const left = [...new Set([...before, ...ids.map((one) => one.split('/')[0] ?? '')])].filter((one) => members.has(one))
  if (left.every((one) => before.includes(one))) return undefined
  const change = {
    call: callIn(place, 'instanceGroupManagers', 'patch'),
    verb: 'PATCH' as const,
    path: pathIn(place, 'instanceGroupManagers', nameOf(group)),
    body: { description: withMarks(group, { left }), ...asRead(group) },
  }
  return await place.operations.done(change, context)
}

/** See `TrafficRouter.release`: out of every action, then deleted, so that a late write that names it is refused. */
export async function releaseRoute(place: Place, routes: Routes, binding: string, context: CallContext): Written {
  const route = routeIn(routes, binding)
  if (route === undefined) return undefined
  if (route.weight > 0)
    throw callFailed('conflict', 'release', `The backend service ${binding} has weight ${route.weight}; give it away first.`)
  const staying = routes.routes.filter((one) => one !== route && !one.isPartial)
  if (!route.isPartial) await writeMap(place, routes, new Map(staying.map((one) => [one.path, one.weight])), context)
  const call = callOf(route.path.slice(0, route.path.lastIndexOf('/')), 'delete')
  const deleted = place.operations.done({ call, verb: 'DELETE', path: route.path }, context)
  return await deleted.catch(unlessAbsent)
}

async function writeMap(place: Place, { map, isOwn }: Routes, weights: Forward, context: CallContext): Written {
  if (map === undefined) return undefined
  const written: JsonObject = withWeights(map.told, place.project, isOwn, weights)
  if (JSON.stringify(written) === JSON.stringify(map.told)) return undefined
  const call = callOf(map.path.slice(0, map.path.lastIndexOf('/')), 'update')
  return await place.operations.done({ call, verb: 'PUT', path: map.path, body: written }, context)
}

/** The backend service of a route that is there. */
function routeAt(routes: Routes, binding: string, call: string): Route {
  const route = routeIn(routes, binding)
  if (route !== undefined) return route
  const there = routes.routes.map((one) => nameIn(one.path)).join(', ')
  throw callFailed('not-found', call, `The fleet has no backend service ${binding}; there are: ${there}.`)
}

function checkSum(wanted: Weights): void {
  const weights = Object.values(wanted)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum === UNITS && weights.every((weight) => Number.isInteger(weight) && weight >= 0)) return
  throw callFailed('invalid', 'setWeights', `Weights are whole numbers that sum to ${UNITS}, not ${weights.join(' + ')}.`)
}
