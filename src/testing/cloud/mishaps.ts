import type { Random } from '../world/index.ts'
import { takeBack } from './instances.ts'
import type { People } from './people.ts'
import type { GroupRecord, InstanceRecord } from './records.ts'
import { weightsOf } from './route-operations.ts'
import type { Site } from './site.ts'

/** Something that happens to the world. It counts itself when there was something for it to happen to. */
type Mishap = (site: Site, chance: Random, people: People) => void

const SHORTEST_MS = 10_000
const LONGEST_MS = 300_000

/** What can happen to the world, by the number of the fault. */
export const mishaps: Readonly<Record<number, Mishap>> = {
  8: (site, chance) => {
    const one = anInstance(site, chance)?.one
    if (one === undefined) return
    site.faults.count(8)
    site.world.machines.end(one.machine.id, 'it crashed')
  },
  10: (site, chance) => runShort(site, chance, 10, () => true),
  12: (site, chance) => site.faults.open(12, howLong(chance)),
  15: editSomething,
  16: (site, chance, people) => {
    // A fleet without any group is none.
    const group = chance.pick([...site.groups.values()].filter((one) => one.fleet.groups.size > 1))
    if (group !== undefined) people.deleteGroup(group.id)
  },
  27: beUnclear,
  28: (site, chance) => {
    const zone = chance.pick(site.world.zones) ?? ''
    site.faults.count(28)
    site.world.machines.darken(zone)
    site.faults.open(28, howLong(chance), () => site.world.machines.relight(zone))
  },
  29: (site, chance) => {
    const found = anInstance(site, chance)
    if (found === undefined) return
    site.faults.count(29)
    takeBack(site, found.group, found.one, chance.whole(30_000, 120_000))
  },
  30: (site, chance) => withdraw(site, chance, 30, isNew),
  31: (site, chance) => withdraw(site, chance, 31, (group) => !isNew(group)),
  32: (site, chance) => site.faults.open(32, howLong(chance)),
  37: (site, chance) => runShort(site, chance, 37, isNew),
}

/** Groups that a rollout made, and those whose instances are being replaced by others. */
function isNew(group: GroupRecord): boolean {
  return group.createdBy !== undefined || group.instances.some((one) => one.machine.release !== group.release)
}

function howLong(chance: Random): number {
  return chance.whole(SHORTEST_MS, LONGEST_MS)
}

function anInstance(site: Site, chance: Random): { readonly group: GroupRecord; readonly one: InstanceRecord } | undefined {
  const all = [...site.groups.values()].flatMap((group) =>
    group.instances.filter((one) => !one.terminating).map((one) => ({ group, one })),
  )
  return chance.pick(all)
}

/** Launches are refused for a while; each refusal counts. */
function runShort(site: Site, chance: Random, fault: number, concerns: (group: GroupRecord) => boolean): void {
  const close = site.world.machines.runShort(({ owner }) => {
    const group = site.groups.get(owner)
    if (group === undefined || !concerns(group)) return undefined
    site.faults.count(fault)
    return 'there is no capacity for machines of this type'
  })
  site.faults.open(fault, howLong(chance), close)
}

function withdraw(site: Site, chance: Random, fault: number, concerns: (group: GroupRecord) => boolean): void {
  const group = chance.pick([...site.groups.values()].filter(concerns))
  const image = group?.fleet.releases[group.release]?.image.id
  if (image === undefined) return
  site.faults.count(fault)
  site.world.images.withdraw(image)
  site.faults.open(fault, howLong(chance), () => site.world.images.restore(image))
}

function editSomething(site: Site, chance: Random, people: People): void {
  const group = chance.pick([...site.groups.values()].filter((one) => !one.retiring))
  if (group === undefined) return
  const { fleet } = group
  if (fleet.routes.size > 1 && chance.chance(0.4)) {
    const bindings = [...fleet.routes.keys()]
    const units = site.settings.router?.units ?? 0
    const [first, second] = [chance.whole(0, bindings.length - 1), chance.whole(0, bindings.length - 1)]
    const part = first === second ? units : chance.whole(0, units)
    const weights = { [bindings[first] ?? '']: units - part, [bindings[second] ?? '']: part }
    if (JSON.stringify(weights) !== JSON.stringify(weightsOf(fleet))) people.setWeights(fleet.id, weights)
  } else {
    const size = (group.sizes[group.release] ?? 0) + (chance.pick([-2, -1, 1, 2]) ?? 0)
    if (size >= 0 && size <= group.max) people.resize(group.id, size)
  }
}

/** An instance does not answer for a while, or the router cannot tell, or what drains does not end. */
function beUnclear(site: Site, chance: Random): void {
  const found = anInstance(site, chance)
  if (found === undefined) return
  const { fleet } = found.group
  const ms = howLong(chance)
  const untilAt = site.world.now + ms
  const draining = [...fleet.groups.values()]
    .flatMap((group) => group.instances)
    .filter((one) => one.drainsUntil > site.world.now)
  const stuck = chance.pick(draining)
  const set = (one: InstanceRecord, key: 'drainsUntil' | 'hazyUntil', at: number) => {
    one[key] = at
    fleet.routed.touch()
  }
  if (stuck !== undefined) set(stuck, 'drainsUntil', untilAt)
  else if (chance.chance(0.5)) set(found.one, 'hazyUntil', untilAt)
  else if (found.one.machine.state === 'healthy') site.world.machines.flap(found.one.machine.id, chance.whole(1_000, 60_000))
  else return
  site.faults.count(27)
  site.faults.open(27, ms, () => {
    found.one.hazyUntil = 0
    if (stuck !== undefined && stuck.drainsUntil > site.world.now) stuck.drainsUntil = 0
    fleet.routed.touch()
  })
}
