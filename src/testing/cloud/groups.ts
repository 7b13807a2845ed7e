import { createHash } from 'node:crypto'
import type { ImageRef } from '../../core/image.ts'
import { imageRef } from '../../core/image.ts'
import type { JsonObject } from '../../core/json.ts'
import type { Release } from '../../core/snapshot.ts'
import { converge } from './instances.ts'
import type { FleetSetUp } from './options.ts'
import type { FleetRecord, GroupRecord } from './records.ts'
import { fleetId, SCHEME, type Site } from './site.ts'
import { carry } from './traffic.ts'
import { groupFields, instanceViews, routedViews, routesView } from './views.ts'

/** The digest of launch settings that set nothing. */
export const PLAIN = 'plain'

/** The release of an image with these launch settings: the same for the same. */
export function releaseOf(image: ImageRef, settings: JsonObject): Release {
  const plain = Object.keys(settings).length === 0
  const sorted = Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const launch = plain ? PLAIN : createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 12)
  return Object.freeze({ id: plain ? image.id : `${image.id}+${launch}`, image, launch, template: launch })
}

/** Makes the fleet that its owner describes. */
export function setUpFleet(site: Site, { groups, binding, spare }: FleetSetUp): void {
  const first = groups[0]
  if (first === undefined) return
  const fleet = newFleet(site, fleetId(first.id))
  site.fleets.set(fleet.id, fleet)
  if (site.settings.router !== undefined) addRoute(fleet, binding ?? first.id, site.settings.router.units)
  for (const { id, image, size, min = 0, max = 1_000 } of groups) {
    const release = releaseOf(imageRef({ scheme: SCHEME, id: image }), {})
    knowRelease(fleet, release)
    const group = newGroup(site, fleet, { id, release: release.id, size, ownMin: min, max })
    if (group.id === first.id) fleet.routes.get(binding ?? first.id)?.groups.set(id, new Set())
    converge(site, group)
  }
  if (spare !== undefined) addSlots(site, fleet, first.id, spare)
  carry(site, fleet)
}

function addSlots(site: Site, fleet: FleetRecord, first: string, spare: string): void {
  fleet.slots.add(first).add(spare)
  if (site.settings.router === undefined) return
  if (site.settings.router.weights) addRoute(fleet, spare, 0)
  const route = [...fleet.routes.values()].at(-1)
  route?.groups.set(spare, new Set())
  routesWritten(fleet)
}

/** Keeps a release with the fleet, so that it can be launched. */
export function knowRelease(fleet: FleetRecord, release: Release): void {
  if (fleet.releases[release.id] === undefined) fleet.releases = Object.freeze({ ...fleet.releases, [release.id]: release })
}

/** Adds a route. */
export function addRoute(fleet: FleetRecord, binding: string, weight: number, partial = false): void {
  fleet.routes.set(binding, { binding, weight, inForce: weight, partial, groups: new Map() })
  routesWritten(fleet)
}

/** The routes were written. */
export function routesWritten(fleet: FleetRecord): void {
  fleet.routingVersion++
  fleet.routing.touch()
}

/** A group that launches nothing yet; {@link converge} lets it. */
export function newGroup(
  site: Site,
  fleet: FleetRecord,
  wanted: Pick<GroupRecord, 'id' | 'release' | 'ownMin' | 'max' | 'createdBy'> & { size: number; partial?: boolean },
): GroupRecord {
  const { id, release, size, ownMin, max, createdBy, partial = false } = wanted
  const group: GroupRecord = {
    id,
    fleet,
    ...(createdBy === undefined ? {} : { createdBy }),
    createdAt: site.world.now,
    release,
    sizes: Object.freeze({ [release]: size }),
    // A group cannot be smaller than its minimum from the start.
    min: Math.min(ownMin, size),
    ownMin,
    max,
    holds: [],
    failures: Object.freeze({ count: 0 }),
    instances: [],
    version: 1,
    retiring: false,
    partial,
    retryAt: 0,
    fields: site.shown.show(() => groupFields(site, group)),
    views: site.shown.show(() => instanceViews(group)),
  }
  fleet.groups.set(id, group)
  site.groups.set(id, group)
  fleet.list.touch()
  group.fields.touch()
  group.views.touch()
  site.world.record(`group ${id} exists for ${size} of ${release}`)
  return group
}

function newFleet(site: Site, id: string): FleetRecord {
  const fleet: FleetRecord = {
    id,
    groups: new Map(),
    slots: new Set(),
    routes: new Map(),
    releases: Object.freeze({}),
    routingVersion: 0,
    propagatedAt: 0,
    list: site.shown.show(() => Object.freeze([...fleet.groups.values()])),
    routing: site.shown.show(() => routesView(site, fleet)),
    routed: site.shown.show(() => routedViews(site, fleet)),
  }
  return fleet
}
