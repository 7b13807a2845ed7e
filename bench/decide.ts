import { decide } from '../src/core/decide.ts'
import { clone, inPlace } from '../src/core/fleet-spec.ts'
import type { FleetSnapshot } from '../src/core/snapshot.ts'
import type { RolloutState } from '../src/core/state.ts'
import { blueGreen } from '../src/strategies/blue-green.ts'
import { canary } from '../src/strategies/canary.ts'
import { rolling } from '../src/strategies/rolling.ts'
import type { Strategy } from '../src/strategies/strategy.ts'
import type { ImageBehaviour } from '../src/testing/world/index.ts'
import { atLeast, plain, type Bench, type Figure } from './lib/bench.ts'
import { processorMs } from './lib/numbers.ts'
import { NEW, simulated, type Simulated } from './lib/simulated.ts'

/** What one turn had to decide. */
interface Situation {
  readonly state: RolloutState
  readonly snapshot: FleetSnapshot
}

const ROUNDS = 9
const PROMISED = { 6: 100_000, 300: 10_000 } as const

/** How fast a turn is decided, once it has looked. */
export const bench: Bench = {
  name: 'decide',
  how: 'calls of decide in one second of processor time, over states and snapshots that differ, recorded turn by turn from simulated rollouts of every strategy with good and bad images; nothing is kept between calls; the best of nine rounds over all of them',
  async run({ quick }) {
    const figures: Figure[] = []
    for (const size of quick ? ([6] as const) : ([6, 300] as const)) {
      const situations = await record(size, quick ? 50 : 1_000)
      const perSecond = Math.max(...Array.from({ length: quick ? 1 : ROUNDS }, () => speed(situations, quick ? 1 : 500)))
      figures.push(plain(`situations at ${size} instances`, situations.length))
      figures.push(atLeast(PROMISED[size], `decisions at ${size} instances`, perSecond, '1/s'))
    }
    return figures
  },
}

const STRATEGIES: readonly [Strategy, boolean][] = [
  [blueGreen({ bake: '2m' }), true],
  [canary({ weights: [5, 25, 50], bake: '2m' }), true],
  [rolling({ maxSurge: 2 }), true],
  [rolling({ maxSurge: '10%' }), false],
]
const BEHAVIOURS: readonly ImageBehaviour[] = [
  { kind: 'good' },
  { kind: 'good' },
  { kind: 'dies-under-traffic', afterMs: 20_000 },
  { kind: 'never-healthy' },
]

/** Goes on with seed after seed until there are enough. */
async function record(size: number, enough: number): Promise<Situation[]> {
  const found: Situation[] = []
  for (let seed = 1; found.length < enough; seed++) {
    for (const [strategy, cloned] of STRATEGIES) {
      const behaviour = BEHAVIOURS[seed % BEHAVIOURS.length] ?? { kind: 'good' }
      const groups = (web: string) => (cloned ? clone({ adopt: web }) : inPlace(web))
      const site = simulated({ size, seed, groups, behaviour, lookIntervalMs: 5_000, cloud: { settleMs: 4_000 } })
      await follow(site, strategy, found)
    }
  }
  return found
}

/** Before each turn, what the turn will decide on; turns that would decide on the same once more are left out. */
async function follow({ world, fleet, until }: Simulated, strategy: Strategy, found: Situation[]): Promise<void> {
  const rollout = await until(fleet.start(await until(fleet.plan({ image: NEW, strategy }))))
  let last: Situation | undefined
  while (rollout.state.phase !== 'done') {
    const situation = { state: rollout.state, snapshot: await until(fleet.describe()) }
    if (last === undefined || differs(situation, last)) found.push((last = situation))
    const { wakeAt } = await until(rollout.tick())
    world.runUntil(wakeAt)
  }
}

function differs(a: Situation, b: Situation): boolean {
  if (a.state !== b.state) return true
  const seen = ({ snapshot: { groups, traffic } }: Situation) => JSON.stringify([groups, traffic?.routing])
  return seen(a) !== seen(b)
}

/** Decisions a second, going through all situations for a while. */
function speed(situations: readonly Situation[], forMs: number): number {
  const began = processorMs()
  let [decisions, events] = [0, 0]
  do {
    for (const { state, snapshot } of situations) events += decide(state, snapshot, snapshot.beganAt).events.length
    decisions += situations.length
  } while (processorMs() - began < forMs)
  if (events === 0) throw new Error('Nothing was decided in any of the situations.')
  return (decisions * 1_000) / (processorMs() - began)
}
