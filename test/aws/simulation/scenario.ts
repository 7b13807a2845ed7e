import { drawScenario, type Scenario } from 'imago/testing'
import { WORLD_FAULTS } from './world-faults.ts'

/** Faults of calls that AWS on the wire has, of launches and of its autoscaler. */
const CALL_FAULTS = [1, 2, 3, 4, 7, 9, 13, 14, 25, 26, 39]
/** Reads that lag, and one that is older than the one before it. */
const READ_FAULTS = [5, 6]
/** Groups made in part by one call, and changes that are accepted and ignored or reverted it has not. */
export const LACKING: readonly number[] = [11, 34, 40]
/** A change takes a handful of calls, and a look another: each goes wrong less often for that. */
const CALLS_A_CHANGE = 3
const RATES = { 1: 0.01, 2: 0.01, 3: 0.01, 4: 0.01, 7: 0.003 }

function ratesOf(drawn: Readonly<Record<number, number>> = {}): Readonly<Record<number, number>> {
  const shared = Object.entries(drawn).map(([fault, rate]) => [fault, rate / CALLS_A_CHANGE])
  return { ...RATES, ...Object.fromEntries(shared) }
}

/** A run drawn for the simulated cloud, as it can be on AWS: without a load balancer nobody knows who is well, so each has one. */
export function drawAwsScenario(seed: number): Scenario {
  const { spec, model } = drawScenario(seed)
  const { faults, router, ...cloud } = model.cloud
  const drawn = router === false ? { weights: false } : router
  return {
    spec,
    model: {
      ...model,
      cloud: {
        ...cloud,
        ...(drawn === undefined ? {} : { router: drawn }),
        ...(faults === undefined
          ? {}
          : { faults: { ...faults, kinds: [...CALL_FAULTS, ...WORLD_FAULTS, ...READ_FAULTS], rates: ratesOf(faults.rates) } }),
      },
    },
  }
}
