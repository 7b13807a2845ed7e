import type { InstanceState, InstanceView, RoutedInstance, RouteView, UpdateView } from '../../core/snapshot.ts'
import type { FleetRecord, GroupFields, GroupRecord, InstanceRecord, RoutesShown } from './records.ts'
import type { Site } from './site.ts'
import { routesOf } from './traffic.ts'

const STATES: Readonly<Record<InstanceRecord['machine']['state'], InstanceState>> = {
  booting: 'starting',
  healthy: 'healthy',
  unhealthy: 'unhealthy',
  dead: 'terminating',
}

/** A group's fields as a read shows them. */
export function groupFields(site: Site, group: GroupRecord): GroupFields {
  const { id, release, createdBy, sizes, min, max, recommended, holds, failures, partial, version } = group
  return Object.freeze({
    id,
    release,
    ...(createdBy === undefined ? {} : { createdBy }),
    sizes,
    min,
    max,
    ...(recommended === undefined ? {} : { recommended }),
    holds,
    failures,
    ...(partial ? { partial } : {}),
    ...updateView(group),
    ...(site.settings.conditional ? { version: String(version) } : {}),
  })
}

/** A group's instances as a read shows them. */
export function instanceViews(group: GroupRecord): readonly InstanceView[] {
  return Object.freeze(group.instances.map(instanceView))
}

/** A fleet's routes as a read shows them. */
export function routesView(site: Site, fleet: FleetRecord): RoutesShown {
  const preview = site.settings.router?.preview
  const routes: RouteView[] = []
  for (const { binding, weight, groups, partial } of fleet.routes.values())
    routes.push(
      Object.freeze({
        binding,
        weight,
        groups: Object.freeze([...groups.keys()]),
        ...(partial ? { partial } : {}),
        ...(preview === true ? { preview: { url: previewOf(binding) } } : {}),
        ...(preview === 'moved' && fleet.previewed === binding ? { preview: { url: previewOf(fleet.id) } } : {}),
      }),
    )
  return Object.freeze({ routes: Object.freeze(routes), version: String(fleet.routingVersion) })
}

/** How the router sees the instances, as a read shows it. */
export function routedViews(site: Site, fleet: FleetRecord): Readonly<Record<string, RoutedInstance>> {
  const views: Record<string, RoutedInstance> = {}
  for (const group of fleet.groups.values()) {
    const joined = routesOf(fleet, group).length > 0
    for (const one of group.instances) {
      const view = routedView(site, one, joined)
      if (view !== undefined) views[one.machine.id] = view
    }
  }
  return Object.freeze(views)
}

/** What a look shows of a group's updater. */
function updateView({ id, update }: GroupRecord): { readonly update?: UpdateView } {
  if (update === undefined) return {}
  const { id: operation, state, release } = update
  return { update: Object.freeze({ id: operation, state, release, says: `the update ${operation} of ${id}, ${state}` }) }
}

/** Where a generation can be reached at weight 0. */
export function previewOf(binding: string): string {
  return `http://${binding}.preview.invalid`
}

/** Where an instance can be reached. */
export function addressOf(instance: string): string {
  return `http://${instance}.invalid`
}

function instanceView({ machine, terminating }: InstanceRecord): InstanceView {
  const { id, release, state, reason, launchedAt, zone } = machine
  return Object.freeze({
    id,
    release,
    state: terminating ? 'terminating' : STATES[state],
    ...(reason === undefined ? {} : { reason }),
    launchedAt,
    zone,
    address: addressOf(id),
  })
}

function routedView(site: Site, one: InstanceRecord, joined: boolean): RoutedInstance | undefined {
  const { now } = site.world
  const counts = site.settings.router?.countsRequests === true
  if (one.serving && one.hazyUntil > now) return Object.freeze({ state: 'unknown', reason: 'its checks gave no answer' })
  if (one.serving) return Object.freeze({ state: 'in', ...(counts ? { inFlight: one.machine.loaded ? 1 : 0 } : {}) })
  if (one.drainsUntil > now) return Object.freeze({ state: 'draining', ...(counts ? { inFlight: 1 } : {}) })
  if (!joined) return undefined
  const reason = one.terminating
    ? 'it is terminating'
    : one.machine.state === 'healthy'
      ? 'it left'
      : `it is ${one.machine.state}`
  return Object.freeze({ state: 'out', reason, ...(counts ? { inFlight: 0 } : {}) })
}
