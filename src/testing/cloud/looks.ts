import { callFailed } from '../../core/errors.ts'
import type { FleetTarget } from '../../core/ports.ts'
import type { GroupView, HandleView, ProviderFacts, ProviderLook, RouterFacts, RouterLook } from '../../core/snapshot.ts'
import type { Handles } from './handles.ts'
import type { GroupRecord } from './records.ts'
import type { Shown } from './shown.ts'
import { fleetOf, type Site } from './site.ts'

const NO_HANDLES: ProviderLook['handles'] = Object.freeze({})

/** See `FleetProvider.describe`: the same object while nothing has changed. */
export function providerLook(site: Site, facts: ProviderFacts, handles: Handles, target: FleetTarget): ProviderLook {
  const fleet = fleetOf(site, target, 'describe')
  const groups: GroupView[] = []
  for (const group of seen(site, fleet.list)) groups.push(groupLook(site, group))
  if (groups.length === 0) throw callFailed('not-found', 'describe', `The fleet ${fleet.id} has no group any more.`)
  const known = fleet.providerLook
  if (known === undefined || known.releases !== fleet.releases || !sameItems(known.groups, groups)) {
    const { id, releases } = fleet
    fleet.providerLook = Object.freeze({ fleet: id, groups: Object.freeze(groups), releases, handles: NO_HANDLES, facts })
  }
  const look = fleet.providerLook ?? known!
  return target.handles.length === 0 ? look : { ...look, handles: handleViews(handles, target.handles) }
}

/** See `TrafficRouter.look`: the same object while nothing has changed. */
export function routerLook(site: Site, facts: RouterFacts, target: FleetTarget): RouterLook {
  const fleet = fleetOf(site, target, 'look')
  const routes = seen(site, fleet.routing)
  const instances = seen(site, fleet.routed)
  const known = fleet.routerLook
  if (known?.routes === routes && known.instances === instances) return known.look
  const versioned = site.settings.router?.conditional === true ? { version: routes.version } : {}
  const look = Object.freeze({ routing: Object.freeze({ routes: routes.routes, instances, ...versioned }), facts })
  fleet.routerLook = { routes, instances, look }
  return look
}

function groupLook(site: Site, group: GroupRecord): GroupView {
  const fields = seen(site, group.fields)
  const instances = seen(site, group.views)
  const known = group.look
  if (known?.fields === fields && known.instances === instances) return known.view
  const view = Object.freeze({ ...fields, instances })
  group.look = { fields, instances, view }
  return view
}

/** What a read shows of one thing: as it is, or as it was within the lag of reads. */
function seen<View>({ faults, settings, world }: Site, shown: Shown<View>): View {
  if (settings.lagMs === 0 || !faults.draws(5)) return shown.now()
  const past = shown.at(world.now - faults.chance(5).whole(1, settings.lagMs), faults.draws(6))
  if (past.stale) faults.count(5)
  if (past.backwards) faults.count(6)
  return past.view
}

function handleViews(handles: Handles, wanted: readonly string[]): Readonly<Record<string, HandleView>> {
  const views: Record<string, HandleView> = {}
  for (const handle of wanted) {
    const view = handles.find(handle)
    if (view !== undefined) views[handle] = view
  }
  return views
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
