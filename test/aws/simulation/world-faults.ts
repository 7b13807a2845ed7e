import type { PlayedCloud, Random } from 'imago/testing'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import type { Account, GroupRecord, InstanceRecord } from '../wire/account.ts'
import { membersOf } from '../wire/autoscaling/find.ts'

/** What things happen to, and who makes them happen. */
interface Scene {
  readonly account: Account
  readonly faults: FaultPlan
  readonly people: PlayedCloud['people']
}
type Mishap = (scene: Scene, chance: Random) => void

const SHORTEST_MS = 10_000
const LONGEST_MS = 300_000

/** What can happen to an account and its world, by the number of the fault. It counts itself when there was something for it to happen to. */
const mishaps: Readonly<Record<number, Mishap>> = {
  8: (scene, chance) => end(scene, 8, anInstance(scene, chance), 'it crashed', 0),
  10: (scene, chance) => runShort(scene, chance, 10, () => true),
  12: ({ account, faults }, chance) => {
    faults.count(12)
    account.launchRefusal = 'You have requested more vCPU capacity than your current vCPU limit of 32 allows.'
    faults.open(12, howLong(chance), () => void (account.launchRefusal = undefined))
  },
  15: editSomething,
  16: (scene, chance) => {
    const group = chance.pick(ofTheFleet(scene))
    if (group !== undefined && ofTheFleet(scene).length > 1) scene.people.deleteGroup(group.name)
  },
  27: (scene, chance) => {
    const one = anInstance(scene, chance)
    if (one === undefined || scene.account.world.machines.find(one.id)?.state !== 'healthy') return
    scene.faults.count(27)
    scene.account.world.machines.flap(one.id, chance.whole(1_000, 60_000))
  },
  28: ({ account: { world }, faults }, chance) => {
    const zone = chance.pick(world.zones) ?? ''
    faults.count(28)
    world.machines.darken(zone)
    faults.open(28, howLong(chance), () => world.machines.relight(zone))
  },
  29: (scene, chance) => end(scene, 29, anInstance(scene, chance), 'it was taken back', chance.whole(30_000, 120_000)),
  30: (scene, chance) => withdraw(scene, chance, 30, isNew),
  31: (scene, chance) => withdraw(scene, chance, 31, (one) => !isNew(one)),
  32: ({ account, faults }, chance) => {
    faults.count(32)
    account.expired = true
    faults.open(32, howLong(chance), () => void (account.expired = false))
  },
  37: (scene, chance) => runShort(scene, chance, 37, isNew),
}

/** Faults that happen to the account and the world, not to calls. */
export const WORLD_FAULTS: readonly number[] = Object.keys(mishaps).map(Number)

/** Draws from time to time what happens, until the faults are stopped. */
export function startWorldFaults(scene: Scene): void {
  const { account, faults } = scene
  const { world } = account
  const round = () => {
    if (faults.stopped) return
    for (const fault of WORLD_FAULTS.filter((one) => faults.draws(one) && !faults.isOpen(one)))
      world.because({ kind: 'fault', name: '', fault }, () => mishaps[fault]?.(scene, faults.chance(fault)))
    world.schedule(world.now + faults.everyMs, round)
  }
  world.schedule(world.now + faults.everyMs, round)
}

function howLong(chance: Random): number {
  return chance.whole(SHORTEST_MS, LONGEST_MS)
}

function ofTheFleet({ account }: Scene): GroupRecord[] {
  return [...account.groups.values()].filter((one) => one.name !== 'other' && one.name !== 'beside' && !one.deleting)
}

function isNew(group: GroupRecord): boolean {
  return group.tags.has('imago:rollout')
}

function anInstance(scene: Scene, chance: Random): InstanceRecord | undefined {
  return chance.pick(ofTheFleet(scene).flatMap((group) => membersOf(scene.account, group)))
}

function end({ account: { world }, faults }: Scene, fault: number, one: InstanceRecord | undefined, why: string, inMs: number) {
  if (one === undefined) return
  faults.count(fault)
  world.schedule(world.now + inMs, () => world.machines.end(one.id, why))
}

/** Launches are refused for a while; each refusal counts. */
function runShort({ account, faults }: Scene, chance: Random, fault: number, concerns: (group: GroupRecord) => boolean): void {
  const close = account.world.machines.runShort(({ owner }) => {
    const group = account.groups.get(owner)
    if (group === undefined || !concerns(group)) return undefined
    faults.count(fault)
    return 'there is no capacity for machines of this type'
  })
  faults.open(fault, howLong(chance), close)
}

/** An image that was deregistered is there no more, whoever asks. */
function withdraw(
  { account, faults, ...rest }: Scene,
  chance: Random,
  fault: number,
  concerns: (group: GroupRecord) => boolean,
): void {
  const group = chance.pick(ofTheFleet({ account, faults, ...rest }).filter(concerns))
  const member = group === undefined ? undefined : membersOf(account, group)[0]
  if (member === undefined) return
  faults.count(fault)
  account.world.images.withdraw(member.image)
  faults.open(fault, howLong(chance), () => account.world.images.restore(member.image))
}

function editSomething(scene: Scene, chance: Random): void {
  const { account, people } = scene
  const rule = [...account.rules.values()].find((one) => one.isDefault)
  const names = (rule?.forwards ?? []).flatMap(({ arn }) => account.targetGroups.get(arn)?.name ?? [])
  if (names.length > 1 && chance.chance(0.4)) {
    const part = chance.whole(0, 100)
    return people.setWeights('', { [names[0] ?? '']: 100 - part, [names[1] ?? '']: part })
  }
  const group = chance.pick(ofTheFleet(scene))
  if (group !== undefined) people.resize(group.name, group.desired + (chance.pick([-2, -1, 1, 2]) ?? 0))
}
