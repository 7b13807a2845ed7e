import { setSizes, converge } from './instances.ts'
import { sizeOf, type GroupRecord } from './records.ts'
import { faultCause, type Site } from './site.ts'
import { routesOf } from './traffic.ts'

/** Lets an autoscaler look at every group, each time its period has passed; without one nothing happens. */
export function startAutoscaler(site: Site): void {
  const { autoscaler } = site.settings
  if (autoscaler === undefined) return
  const round = () => {
    for (const group of site.groups.values()) scale(site, group)
    site.world.schedule(site.world.now + autoscaler.periodMs, round)
  }
  site.world.schedule(site.world.now + autoscaler.periodMs, round)
}

/** Out always, in never below the minimum: that is how a hold keeps capacity. */
function scale(site: Site, group: GroupRecord): void {
  if (group.retiring) return
  const wanted = Math.min(group.max, Math.ceil(site.world.demand * shareOf(site, group) - 1e-9))
  const { autoscaler } = site.settings
  if (autoscaler?.recommends === true && group.recommended !== wanted) {
    group.recommended = wanted
    group.fields.touch()
  }
  const size = sizeOf(group)
  const next = Math.max(wanted, group.min)
  const held = group.holds.length > 0
  const againstRollout = group.createdBy !== undefined && wanted < size
  if (againstRollout && site.faults.may(14)) site.faults.count(14)
  if (next === size) return
  if (held && site.faults.may(13)) site.faults.count(13)
  const cause = { ...faultCause(againstRollout ? 14 : 13, group.id), kind: 'autoscaler' } as const
  site.world.because(cause, () => {
    setSizes(site, group, resized(group, next - size))
    converge(site, group)
  })
}

/** The part of the fleet's traffic that the group takes. */
function shareOf(site: Site, group: GroupRecord): number {
  const { fleet } = group
  const { router } = site.settings
  if (router === undefined) return portion(group, [...fleet.groups.values()])
  let share = 0
  for (const route of routesOf(fleet, group)) {
    const joined = [...route.groups.keys()].flatMap((id) => fleet.groups.get(id) ?? [])
    share += (route.inForce / router.units) * portion(group, joined)
  }
  return share
}

/** Requests are spread over the instances that serve. */
function portion(group: GroupRecord, among: readonly GroupRecord[]): number {
  const serving = (one: GroupRecord) => one.instances.filter((instance) => instance.serving).length
  const all = among.reduce((sum, one) => sum + serving(one), 0)
  return all === 0 ? 1 / Math.max(1, among.length) : serving(group) / all
}

/** More are of the launch release; fewer are taken from releases that are launched no more. */
function resized(group: GroupRecord, by: number): Readonly<Record<string, number>> {
  const sizes = { ...group.sizes }
  let change = by
  for (const release of Object.keys(sizes).toSorted((one) => (one === group.release ? 1 : -1))) {
    const size = sizes[release] ?? 0
    if (change > 0 && release !== group.release) continue
    const next = Math.max(0, size + change)
    change -= next - size
    sizes[release] = next
  }
  return sizes
}
