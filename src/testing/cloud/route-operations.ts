import { callFailed } from '../../core/errors.ts'
import type { FleetTarget, Weights } from '../../core/ports.ts'
import { addRoute, routesWritten } from './groups.ts'
import type { Operation } from './operation.ts'
import type { FleetRecord, RouteRecord } from './records.ts'
import { fleetOf, findFleet, groupIn, type Site } from './site.ts'
import { carry, propagate, spread } from './traffic.ts'

/** See `TrafficRouter.prepare`. */
export function prepare(site: Site, target: FleetTarget, binding: string): Operation {
  const fleet = () => fleetOf(site, target, 'prepare')
  const makePart = () => {
    if (fleet().routes.has(binding)) return
    addRoute(fleet(), binding, 0, true)
    site.world.record(`a part of the route ${binding} exists`)
  }
  return {
    name: 'prepare',
    about: binding,
    check: () => void fleet(),
    apply() {
      const { routes, previewed } = fleet()
      const route = routes.get(binding)
      if (route?.partial === false && previewed === binding) return
      fleet().previewed = binding
      if (route === undefined) addRoute(fleet(), binding, 0)
      else {
        route.partial = false
        routesWritten(fleet())
      }
      site.world.record(`route ${binding} exists`)
    },
    ...(findFleet(site, target)?.routes.has(binding) === true ? {} : { applyPart: makePart }),
  }
}

/** See `TrafficRouter.join`. */
export function join(site: Site, target: FleetTarget, binding: string, group: string): Operation {
  const name = 'join'
  const fleet = () => fleetOf(site, target, name)
  return {
    name,
    about: `${group} to ${binding}`,
    check() {
      neededRoute(fleet(), binding, name)
      groupIn(fleet(), group, name)
    },
    apply: () => joinRoute(site, fleet(), neededRoute(fleet(), binding, name), group),
  }
}

/** Lets a group's instances receive what the route receives. */
export function joinRoute(site: Site, fleet: FleetRecord, route: RouteRecord, group: string): void {
  if (route.groups.has(group)) return
  route.groups.set(group, new Set())
  changed(site, fleet, `${group} joined the route ${route.binding}`)
}

/** See `TrafficRouter.setWeights`. */
export function setWeights(site: Site, target: FleetTarget, expected: Weights, wanted: Weights): Operation {
  const name = 'setWeights'
  const fleet = () => fleetOf(site, target, name)
  const conditional = site.settings.router?.conditional === true
  // An adapter reads, compares and writes; only in a cloud with versions does it write against what it read.
  const read = findFleet(site, target)
  const version = read?.routingVersion
  const wasExpected = read !== undefined && isExpected(read, expected)
  return {
    name,
    about: Object.entries(wanted)
      .map(([binding, weight]) => `${binding} ${weight}`)
      .join(', '),
    kind: 'weights',
    check() {
      if (site.settings.router?.weights !== true)
        throw callFailed('invalid', name, 'This router has no weights; join and leave instead.')
      for (const binding in wanted) neededRoute(fleet(), binding, name)
      checkSum(site, wanted, name)
      const moved = conditional && (fleet().routingVersion !== version || !isExpected(fleet(), expected))
      if (moved || !wasExpected)
        throw callFailed('conflict', name, `The weights are ${spread(fleet(), (route) => route.weight)}: look again.`)
    },
    apply: () => writeWeights(site, fleet(), wanted),
    undo() {
      const before = weightsOf(fleet())
      return () => {
        const asWritten = [...fleet().routes.values()].every((route) => route.weight === (wanted[route.binding] ?? 0))
        if (!asWritten || !Object.keys(before).every((binding) => fleet().routes.has(binding))) return false
        writeWeights(site, fleet(), before)
        return true
      }
    },
  }
}

/** See `TrafficRouter.leave`. */
export function leave(
  site: Site,
  target: FleetTarget,
  binding: string,
  group: string,
  instances: readonly string[] | 'all',
): Operation {
  const fleet = () => fleetOf(site, target, 'leave')
  return {
    name: 'leave',
    about: `${instances === 'all' ? 'all' : instances.join(' ')} of ${group} from ${binding}`,
    check: () => void fleet(),
    apply() {
      const route = fleet().routes.get(binding)
      const out = route?.groups.get(group)
      if (route === undefined || out === undefined) return
      const leaving = instances === 'all' ? [] : instances.filter((id) => !out.has(id) && isThere(site, group, id))
      if (instances === 'all') route.groups.delete(group)
      else if (leaving.length === 0) return
      else for (const id of leaving) out.add(id)
      changed(site, fleet(), `${instances === 'all' ? group : instances.join(' ')} left the route ${binding}`)
    },
  }
}

/** See `TrafficRouter.release`. */
export function releaseRoute(site: Site, target: FleetTarget, binding: string): Operation {
  const fleet = () => fleetOf(site, target, 'release')
  return {
    name: 'release',
    about: `route ${binding}`,
    kind: 'delete',
    check() {
      const weight = fleet().routes.get(binding)?.weight ?? 0
      if (weight > 0) throw callFailed('conflict', 'release', `The route ${binding} has weight ${weight}; give it away first.`)
    },
    apply() {
      if (!fleet().routes.delete(binding)) return
      // The preview for all is given back to whoever has the traffic.
      if (fleet().previewed === binding) fleet().previewed = mostUsed(fleet())
      changed(site, fleet(), `route ${binding} is gone`)
    },
  }
}

/** Writes weights; a route that is not named gets 0. Requests see them after the propagation time. */
export function writeWeights(site: Site, fleet: FleetRecord, wanted: Weights): void {
  if ([...fleet.routes.values()].every((route) => route.weight === (wanted[route.binding] ?? 0))) return
  for (const route of fleet.routes.values()) route.weight = wanted[route.binding] ?? 0
  site.world.record(`weights of ${fleet.id} are written: ${spread(fleet, (route) => route.weight)}`)
  routesWritten(fleet)
  propagate(site, fleet)
}

/** The route with the most weight. */
function mostUsed({ routes }: FleetRecord): string | undefined {
  return [...routes.values()].toSorted((one, other) => other.weight - one.weight)[0]?.binding
}

/** Weights as they were written. */
export function weightsOf(fleet: FleetRecord): Weights {
  return Object.fromEntries([...fleet.routes.values()].map((route) => [route.binding, route.weight]))
}

function changed(site: Site, fleet: FleetRecord, what: string): void {
  site.world.record(what)
  routesWritten(fleet)
  carry(site, fleet)
}

function neededRoute(fleet: FleetRecord, binding: string, call: string): RouteRecord {
  const route = fleet.routes.get(binding)
  if (route?.partial === false) return route
  throw callFailed(
    'not-found',
    call,
    `There is no route ${binding}; there are: ${[...fleet.routes.keys()].join(', ') || 'none'}.`,
  )
}

function isThere(site: Site, group: string, instance: string): boolean {
  return site.groups.get(group)?.instances.some((one) => one.machine.id === instance) ?? false
}

function isExpected(fleet: FleetRecord, expected: Weights): boolean {
  for (const route of fleet.routes.values()) if (route.weight !== (expected[route.binding] ?? 0)) return false
  return Object.entries(expected).every(([binding, weight]) => weight === 0 || fleet.routes.has(binding))
}

function checkSum({ settings }: Site, wanted: Weights, call: string): void {
  const units = settings.router?.units ?? 0
  const weights = Object.values(wanted)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum !== units || !weights.every((weight) => Number.isInteger(weight) && weight >= 0))
    throw callFailed('invalid', call, `Weights are whole numbers that sum to ${units}, not ${weights.join(' + ')}.`)
  if (settings.router?.shares === false && !weights.includes(units))
    throw callFailed('invalid', call, `This router sends all of the traffic one way, and not ${weights.join(' + ')}.`)
}
