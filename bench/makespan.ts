import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { clone, inPlace } from '../src/core/fleet-spec.ts'
import { countOf, type Count } from '../src/core/shape.ts'
import { blueGreen } from '../src/strategies/blue-green.ts'
import { canary } from '../src/strategies/canary.ts'
import { rolling } from '../src/strategies/rolling.ts'
import type { Strategy } from '../src/strategies/strategy.ts'
import { atMost, plain, type Bench, type Figure } from './lib/bench.ts'
import { median } from './lib/numbers.ts'
import { NEW, simulated, type Simulated } from './lib/simulated.ts'
import type { Task } from './lower-bound.ts'

const BOOT_MS = [20_000, 60_000] as const
const DRAIN_MS = [1_000, 10_000] as const
/** A hundredth of the mean boot. */
const LOOK_MS = 400
const BAKE_MS = 300_000
const APART_MS = 1_000
const WEIGHTS = [5, 25, 50]

/** What is run, and what it may take beside the bound. */
interface Case {
  readonly name: string
  readonly strategy: Strategy
  readonly promised: number
  rules(size: number): Task['rules']
}

const CASES: readonly Case[] = [
  {
    name: 'blue/green',
    strategy: blueGreen({ bake: BAKE_MS, healthyFor: APART_MS }),
    promised: 1.05,
    rules: (size) => ({
      kind: 'by-share',
      steps: [
        { size, bakeMs: 0 },
        { size, bakeMs: BAKE_MS },
      ],
    }),
  },
  {
    name: 'canary 5, 25, 50 %',
    strategy: canary({ weights: WEIGHTS, bake: BAKE_MS, healthyFor: APART_MS }),
    promised: 1.05,
    rules: (size) => ({
      kind: 'by-share',
      steps: [...WEIGHTS, 100].map((share) => ({ size: Math.ceil((share * size) / 100), bakeMs: BAKE_MS })),
    }),
  },
  ...([2, '10%'] as const).map((maxSurge): Case => ({
    name: `rolling, surge ${maxSurge}`,
    strategy: rolling({ maxSurge, healthyFor: APART_MS }),
    promised: 1.1,
    rules: (size) => oneByOne(maxSurge, size),
  })),
]

/** How long a rollout takes in the world's time, beside the least that it could. */
export const bench: Bench = {
  name: 'makespan',
  how: 'virtual time from start to promoted on a perfect simulated cloud with boots of 20 to 60 s, drains of 1 to 10 s and looks every 400 ms, by the time of a program of its own (bench/lower-bound.ts) that schedules the same boots and drains greedily within the budget (by weights: as many instances as each share needs), the median of several seeds',
  async run({ quick }) {
    const figures: Figure[] = []
    for (const one of CASES) {
      for (const size of quick ? [3] : [3, 30, 300]) {
        const seeds = quick ? 1 : size === 300 ? 3 : 15
        const runs = []
        for (let seed = 1; seed <= seeds; seed++) runs.push(await beside(one, size, seed))
        figures.push(plain(`${one.name}, ${size} instances: the bound`, median(runs.map((run) => run.boundMs)) / 1_000, 's'))
        figures.push(atMost(one.promised, `${one.name}, ${size} instances`, median(runs.map((run) => run.ratio))))
      }
    }
    return figures
  },
}

function oneByOne(maxSurge: Count, size: number): Task['rules'] {
  return { kind: 'one-by-one', surge: countOf(maxSurge, size, 'up'), soakMs: 0 }
}

async function beside(one: Case, size: number, seed: number): Promise<{ readonly ratio: number; readonly boundMs: number }> {
  const byWeights = one.rules(size).kind === 'by-share'
  const site = simulated({
    size,
    seed,
    groups: (web) => (byWeights ? clone({ adopt: web }) : inPlace(web)),
    bootMs: BOOT_MS,
    lookIntervalMs: LOOK_MS,
    cloud: { router: { weights: byWeights, drainMs: DRAIN_MS } },
  })
  const launchedBefore = site.world.machines.launched
  const drains = watchDrains(site)
  const ms = await promoted(site, one.strategy)
  const boots: number[] = []
  for (let number = launchedBefore + 1; number <= site.world.machines.launched; number++) boots.push(bootOf(site, number))
  if (boots.length !== size) throw new Error(`${one.name}: ${boots.length} machines were launched for ${size}.`)
  const boundMs = bound({ boots, drains: [...drains.values()], apartMs: APART_MS, rules: one.rules(size) })
  return { ratio: ms / boundMs, boundMs }
}

async function promoted({ world, fleet, until }: Simulated, strategy: Strategy): Promise<number> {
  const rollout = await until(fleet.start(await until(fleet.plan({ image: NEW, strategy }))))
  const beganAt = world.now
  while (rollout.state.phase !== 'done') world.runUntil((await until(rollout.tick())).wakeAt)
  if (rollout.state.outcome !== 'promoted') throw new Error(`It ended ${rollout.state.outcome}: ${rollout.state.cause}`)
  return rollout.state.at - beganAt
}

/** How long each instance that stopped serving had requests under way, in the order in which they stopped. */
function watchDrains({ world, cloud }: Simulated): ReadonlyMap<string, number> {
  const drains = new Map<string, number>()
  world.observe(() => {
    for (const group of cloud.truth.groups.values())
      for (const { machine, drainsUntil } of group.instances)
        if (drainsUntil > world.now && !drains.has(machine.id)) drains.set(machine.id, drainsUntil - world.now)
  })
  return drains
}

/** Machines are numbered in the order of their launch. */
function bootOf({ world }: Simulated, number: number): number {
  const machine =
    world.machines.find(`web-${String(number).padStart(4, '0')}`) ??
    world.machines.find(`web-v001-${String(number).padStart(4, '0')}`)
  if (machine === undefined) throw new Error(`No machine ${number} was launched for the fleet.`)
  return machine.bootMs
}

function bound(task: Task): number {
  const program = fileURLToPath(new URL('lower-bound.ts', import.meta.url))
  const { stdout, status, stderr } = spawnSync(process.execPath, [program], { input: JSON.stringify(task), encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}
