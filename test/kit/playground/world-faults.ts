import type { PlayedCloud, Random, World } from 'imago/testing'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'

/** A group of the fleet that is rolled, which is not being deleted. */
export interface Victim {
  readonly name: string
  readonly size: number
  /** The world's machines in it. */
  readonly machines: readonly string[]
}

/** What things happen to, and who makes them happen. */
export interface Scene {
  readonly world: World
  readonly faults: FaultPlan
  readonly people: PlayedCloud['people']
  groups(): readonly Victim[]
  /** Whether a rollout made the group of this name. */
  isNew(group: string): boolean
  /** Names of the routes that traffic is shared among. */
  routes(): readonly string[]
  /** From now on every launch is refused for want of a quota, until the answer is called. */
  useUpQuota(): () => void
  /** From now on whoever calls is nobody, until the answer is called. */
  expire(): () => void
  /** Takes away the image of a machine until the answer is called. */
  withdrawImageOf(machine: string): () => void
}
type Mishap = (scene: Scene, chance: Random) => void

const SHORTEST_MS = 10_000
const LONGEST_MS = 300_000

/** What can happen to a cloud and its world, by the number of the fault. It counts itself when there was something for it to happen to. */
const mishaps: Readonly<Record<number, Mishap>> = {
  8: (scene, chance) => end(scene, 8, aMachine(scene, chance), 'it crashed', 0),
  10: (scene, chance) => runShort(scene, chance, 10, () => true),
  12: (scene, chance) => lasting(scene, 12, chance, scene.useUpQuota),
  15: editSomething,
  16: ({ people, groups }, chance) => {
    const group = chance.pick(groups())
    if (group !== undefined && groups().length > 1) people.deleteGroup(group.name)
  },
  27: (scene, chance) => {
    const one = aMachine(scene, chance)
    if (one === undefined || scene.world.machines.find(one)?.state !== 'healthy') return
    scene.faults.count(27)
    scene.world.machines.flap(one, chance.whole(1_000, 60_000))
  },
  28: (scene, chance) => {
    const { machines, zones } = scene.world
    const zone = chance.pick(zones) ?? ''
    lasting(scene, 28, chance, () => {
      machines.darken(zone)
      return () => machines.relight(zone)
    })
  },
  29: (scene, chance) => end(scene, 29, aMachine(scene, chance), 'it was taken back', chance.whole(30_000, 120_000)),
  30: (scene, chance) => withdraw(scene, chance, 30, ({ name }) => scene.isNew(name)),
  31: (scene, chance) => withdraw(scene, chance, 31, ({ name }) => !scene.isNew(name)),
  32: (scene, chance) => lasting(scene, 32, chance, scene.expire),
  37: (scene, chance) => runShort(scene, chance, 37, scene.isNew),
}

/** Faults that happen to the cloud and the world, not to calls. */
export const WORLD_FAULTS: readonly number[] = Object.keys(mishaps).map(Number)

/** Draws from time to time what happens, until the faults are stopped. */
export function startWorldFaults(scene: Scene): void {
  const { world, faults } = scene
  const round = () => {
    if (faults.stopped) return
    for (const fault of WORLD_FAULTS.filter((one) => faults.draws(one) && !faults.isOpen(one)))
      world.because({ kind: 'fault', name: '', fault }, () => mishaps[fault]?.(scene, faults.chance(fault)))
    world.schedule(world.now + faults.everyMs, round)
  }
  world.schedule(world.now + faults.everyMs, round)
}

/** Counts a fault, and lets it last for a while. */
function lasting({ faults }: Scene, fault: number, chance: Random, begin: () => () => void): void {
  faults.count(fault)
  const close = begin()
  faults.open(fault, howLong(chance), close)
}

function howLong(chance: Random): number {
  return chance.whole(SHORTEST_MS, LONGEST_MS)
}

function aMachine({ groups }: Scene, chance: Random): string | undefined {
  return chance.pick(groups().flatMap(({ machines }) => machines))
}

function end({ world, faults }: Scene, fault: number, one: string | undefined, why: string, inMs: number) {
  if (one === undefined) return
  faults.count(fault)
  world.schedule(world.now + inMs, () => world.machines.end(one, why))
}

/** Launches are refused for a while; each refusal counts. */
function runShort({ world, faults }: Scene, chance: Random, fault: number, concerns: (group: string) => boolean): void {
  const close = world.machines.runShort(({ owner }) => {
    if (!concerns(owner)) return undefined
    faults.count(fault)
    return 'there is no capacity for machines of this type'
  })
  faults.open(fault, howLong(chance), close)
}

/** An image that was taken away is there no more, whoever asks. */
function withdraw(scene: Scene, chance: Random, fault: number, concerns: (group: Victim) => boolean): void {
  const machine = chance.pick(scene.groups().filter(concerns))?.machines[0]
  if (machine !== undefined) lasting(scene, fault, chance, () => scene.withdrawImageOf(machine))
}

function editSomething({ people, groups, routes }: Scene, chance: Random): void {
  const [first = '', second = ''] = routes()
  if (second !== '' && chance.chance(0.4)) {
    const part = chance.whole(0, 100)
    return people.setWeights('', { [first]: 100 - part, [second]: part })
  }
  const group = chance.pick(groups())
  if (group !== undefined) people.resize(group.name, group.size + (chance.pick([-2, -1, 1, 2]) ?? 0))
}
