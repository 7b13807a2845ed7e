import type { FleetRecord, InstanceRecord, RouteRecord } from './records.ts'
import type { Site } from './site.ts'

/** Sends requests to whoever can take them now: called after every change of instances, routes or weights. */
export function carry(site: Site, fleet: FleetRecord): void {
  const routed = site.settings.router !== undefined
  for (const group of fleet.groups.values()) {
    const routes = routed ? routesOf(fleet, group) : []
    for (const one of group.instances) {
      const well = one.machine.state === 'healthy' && !one.terminating
      const through = routes.filter((route) => well && route.groups.get(group.id)?.has(one.machine.id) === false)
      const serving = routed ? through.length > 0 : well
      one.serving = serving
      setLoad(site, fleet, one, routed ? through.some((route) => route.inForce > 0) : well)
    }
  }
  fleet.routed.touch()
}

interface Joinable {
  readonly groups: ReadonlyMap<string, unknown>
}

/** Routes that a group is joined to. */
export function routesOf<Route extends Joinable>(
  fleet: { readonly routes: ReadonlyMap<string, Route> },
  group: { readonly id: string },
): Route[] {
  const routes: Route[] = []
  for (const route of fleet.routes.values()) if (route.groups.has(group.id)) routes.push(route)
  return routes
}

/** Weights as they were written become those that requests see, now or a little later, in the order they were written. */
export function propagate(site: Site, fleet: FleetRecord): void {
  const ms = site.chance.whole(0, site.settings.router?.propagationMs ?? 0)
  const wanted = new Map([...fleet.routes.values()].map((route) => [route, route.weight]))
  fleet.propagatedAt = Math.max(fleet.propagatedAt, site.world.now + ms)
  const enforce = () => {
    for (const [route, weight] of wanted) route.inForce = weight
    site.world.record(`traffic of ${fleet.id} is now ${spread(fleet, (route) => route.inForce)}`)
    carry(site, fleet)
  }
  if (fleet.propagatedAt <= site.world.now) enforce()
  else site.world.schedule(fleet.propagatedAt, enforce)
}

/** Routes and a number of each, in words. */
export function spread(fleet: FleetRecord, of: (route: RouteRecord) => number): string {
  return [...fleet.routes.values()].map((route) => `${route.binding} ${of(route)}`).join(', ') || 'nothing'
}

/** When new requests end, those under way go on for a while. */
function setLoad(site: Site, fleet: FleetRecord, one: InstanceRecord, loaded: boolean): void {
  if (one.machine.loaded === loaded) return
  site.world.machines.load(one.machine.id, loaded)
  one.drainsUntil = 0
  if (loaded) return
  const ms = site.chance.whole(...(site.settings.router?.drainMs ?? [0, 0]))
  if (ms === 0) return
  one.drainsUntil = site.world.now + ms
  site.world.schedule(one.drainsUntil, () => fleet.routed.touch())
}
