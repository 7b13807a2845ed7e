import type { LaunchFailures } from '../../core/snapshot.ts'
import type { Machine } from '../world/index.ts'
import { sizeOf, staying, type GroupRecord, type InstanceRecord } from './records.ts'
import { faultCause, type Site } from './site.ts'
import { carry } from './traffic.ts'

/** Moves a group's instances towards its sizes: too many leave, too few are launched from its launch release. */
export function converge(site: Site, group: GroupRecord): void {
  if (group.retiring) for (const one of group.instances) terminate(site, group, one)
  else {
    handOver(site, group)
    for (const release of releasesIn(group)) dismiss(site, group, release)
    launchMissing(site, group)
  }
  buryGroup(site, group)
  carry(site, group.fleet)
}

/** The cloud wants an instance back and says so some time before; another is launched for it. */
export function takeBack(site: Site, group: GroupRecord, one: InstanceRecord, noticeMs: number): void {
  fail(group, { class: 'capacity', message: `${one.machine.id} is taken back by the cloud` })
  terminate(site, group, one, noticeMs)
  converge(site, group)
}

/** Takes an instance out of service and ends it, at once or after a while. */
export function terminate(
  site: Site,
  group: GroupRecord,
  one: InstanceRecord,
  ms: number = site.chance.whole(...site.settings.terminateMs),
): void {
  if (one.terminating) return
  const reached = one.machine.loaded
  one.terminating = true
  site.world.record(`${one.machine.id} terminating`)
  group.views.touch()
  const finish = () => {
    noteSevered(site, group, one, reached)
    dropInstance(group, one)
    site.world.machines.end(one.machine.id, 'it was terminated')
    buryGroup(site, group)
    carry(site, group.fleet)
  }
  if (ms === 0) finish()
  else site.world.schedule(site.world.now + ms, finish)
}

/** A retiring group is gone with its last instance; a slot with nothing in it is no group either. */
export function buryGroup(site: Site, group: GroupRecord): void {
  const { fleet, id } = group
  if ((!group.retiring && !isVacant(group)) || group.instances.length > 0 || fleet.groups.get(id) !== group) return
  fleet.groups.delete(id)
  site.groups.delete(id)
  // A slot stays joined, and who is launched into it later was never taken out.
  for (const route of fleet.routes.values())
    if (fleet.slots.has(id)) route.groups.get(id)?.clear()
    else if (route.groups.delete(id)) fleet.routing.touch()
  fleet.list.touch()
  site.world.record(`group ${id} is gone`)
}

function isVacant(group: GroupRecord): boolean {
  return group.fleet.slots.has(group.id) && group.createdBy === undefined && group.holds.length === 0 && sizeOf(group) === 0
}

/** An instance is well, unwell or dead: the group heals itself. */
export function noticeMachine(site: Site, group: GroupRecord, machine: Machine): void {
  const one = group.instances.find((known) => known.machine === machine)
  if (one === undefined) return
  group.views.touch()
  if (machine.state === 'dead') {
    dropInstance(group, one)
    if (!one.terminating) replace(site, group, machine)
    buryGroup(site, group)
  } else if (machine.state === 'unhealthy') watchUnhealthy(site, machine)
  carry(site, group.fleet)
}

function replace(site: Site, group: GroupRecord, machine: Machine): void {
  fail(group, { class: 'transient', message: `${machine.id} ended: ${machine.reason ?? 'no reason is known'}` })
  healLater(site, group)
}

function watchUnhealthy(site: Site, machine: Machine): void {
  const { cause } = machine
  const end = () => {
    if (machine.state === 'unhealthy' && machine.cause === cause)
      site.world.machines.end(machine.id, 'it was unhealthy for too long')
  }
  // A death that is only the consequence of what made it unhealthy keeps that cause.
  site.world.schedule(site.world.now + site.settings.unhealthyMs, end, cause)
}

/** A release that is launched no more cannot be repaired: its missing instances come back as the launch release. */
function handOver(site: Site, group: GroupRecord): void {
  for (const release of Object.keys(group.sizes)) {
    const missing = (group.sizes[release] ?? 0) - staying(group, release).length
    if (release === group.release || missing <= 0) continue
    const sizes = { ...group.sizes, [release]: (group.sizes[release] ?? 0) - missing }
    sizes[group.release] = (sizes[group.release] ?? 0) + missing
    setSizes(site, group, sizes)
  }
}

/** Writes sizes; releases that are neither wanted nor launched are dropped. */
export function setSizes(site: Site, group: GroupRecord, sizes: Readonly<Record<string, number>>): void {
  const kept = Object.entries(sizes).filter(([release, size]) => size > 0 || release === group.release)
  group.sizes = Object.freeze(Object.fromEntries(kept))
  site.world.record(
    `group ${group.id} shall have ${kept.map(([release, size]) => `${size} of ${release}`).join(', ') || 'nothing'}`,
  )
  written(group)
}

/** A group's fields were written. */
export function written(group: GroupRecord): void {
  group.version++
  group.fields.touch()
}

function releasesIn(group: GroupRecord): Set<string> {
  const releases = new Set(Object.keys(group.sizes))
  for (const one of group.instances) releases.add(one.machine.release)
  return releases
}

/** The size of a release, and what the cloud's own updater has launched of it beyond that. */
function wantedOf({ sizes, update }: GroupRecord, release: string): number {
  return (sizes[release] ?? 0) + (update?.release === release ? update.extra : 0)
}

/** Who goes when there are too many: those that serve nobody first, then the youngest. */
function dismiss(site: Site, group: GroupRecord, release: string): void {
  const present = staying(group, release)
  const excess = present.length - wantedOf(group, release)
  if (excess <= 0) return
  const rank = (one: InstanceRecord) => (one.machine.state === 'healthy' ? 1 : 0)
  const order = present.toSorted((a, b) => rank(a) - rank(b) || b.machine.launchedAt - a.machine.launchedAt)
  for (const one of order.slice(0, excess)) terminate(site, group, one)
}

function launchMissing(site: Site, group: GroupRecord): void {
  if (site.world.now < group.retryAt) return
  let missing = wantedOf(group, group.release) - staying(group, group.release).length
  while (missing-- > 0) {
    const failure = launchOne(site, group)
    if (failure === undefined) continue
    fail(group, failure)
    healLater(site, group)
    return
  }
}

function launchOne(site: Site, group: GroupRecord): LaunchFailures['last'] {
  const { world, faults } = site
  const release = group.fleet.releases[group.release]
  if (release === undefined) return { class: 'invalid', message: `the release ${group.release} is not known` }
  const spoilt = faults.draws(9)
  const order = {
    owner: group.id,
    image: release.image.id,
    release: group.release,
    zone: zoneFor(site, group),
    onChange: (machine: Machine) => noticeMachine(site, group, machine),
    ...(spoilt ? { behaviour: { kind: 'never-healthy' } as const } : {}),
  }
  const launched = spoilt ? world.because(faultCause(9), () => world.machines.launch(order)) : world.machines.launch(order)
  if ('refused' in launched) {
    world.record(`group ${group.id} could not launch: ${launched.message}`)
    return { class: launched.refused === 'image' ? 'invalid' : 'capacity', message: launched.message }
  }
  if (spoilt) faults.count(9)
  group.instances.push({ machine: launched, terminating: false, serving: false, drainsUntil: 0, hazyUntil: 0 })
  group.views.touch()
  return undefined
}

/** The zone of those that work with the fewest instances of the group. */
function zoneFor(site: Site, group: GroupRecord): string {
  const { zones, machines } = site.world
  let best = zones[0] ?? ''
  let fewest = Infinity
  for (const zone of zones) {
    const load = group.instances.filter((one) => one.machine.zone === zone && !one.terminating).length
    if (!machines.isLit(zone) || load >= fewest) continue
    best = zone
    fewest = load
  }
  return best
}

function fail(group: GroupRecord, last: NonNullable<LaunchFailures['last']>): void {
  group.failures = Object.freeze({ count: group.failures.count + 1, last: Object.freeze(last) })
  group.fields.touch()
}

function healLater(site: Site, group: GroupRecord): void {
  group.retryAt = site.world.now + site.settings.healMs
  const heal = () => {
    if (sizeOf(group) > 0) converge(site, group)
  }
  site.world.schedule(group.retryAt, heal, { kind: 'self-healing', name: group.id })
}

function noteSevered({ severed, world }: Site, group: GroupRecord, one: InstanceRecord, reached: boolean): void {
  if (one.machine.state === 'dead' || (!one.machine.loaded && one.drainsUntil <= world.now)) return
  severed.push({ at: world.now, group: group.id, instance: one.machine.id, machine: one.machine.id, cause: world.cause, reached })
  world.record(`${one.machine.id} ends with requests under way`)
}

function dropInstance(group: GroupRecord, one: InstanceRecord): void {
  group.instances = group.instances.filter((known) => known !== one)
  group.views.touch()
}
