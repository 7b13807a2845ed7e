import { drawScenario, simulate } from '../src/testing/simulate/index.ts'
import { atLeast, plain, type Bench } from './lib/bench.ts'
import { processorMs } from './lib/numbers.ts'

const SIZE = 6
const PROMISED = 20_000
/** Runs that are not counted: code is compiled. */
const WARM_UP = 100

/** How many turns of the engine the simulator gets through. */
export const bench: Bench = {
  name: 'simulator',
  how: `turns of the engine in one second of processor time, over whole runs of the simulator as it draws them but for the size, which is ${SIZE}: fleets, strategies, faults, deaths and people, with every checker watching; setting up, planning, recovering and judging are in it`,
  async run({ quick }) {
    const [warmUp, runs] = quick ? [0, 5] : [WARM_UP, 600]
    await turnsOf(1, warmUp)
    const began = processorMs()
    const turns = await turnsOf(1 + warmUp, runs)
    const ms = processorMs() - began
    return [
      plain('runs', runs),
      plain('turns', turns),
      atLeast(PROMISED, `turns at ${SIZE} instances`, (turns * 1_000) / ms, '1/s'),
    ]
  },
}

async function turnsOf(firstSeed: number, runs: number): Promise<number> {
  let turns = 0
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    const { spec, model } = drawScenario(seed)
    const result = await simulate({ ...spec, size: SIZE }, model)
    if (result.violations.length > 0) throw new Error(`Seed ${seed} breaks ${result.violations[0]?.invariant}.`)
    turns += result.turns
  }
  return turns
}
