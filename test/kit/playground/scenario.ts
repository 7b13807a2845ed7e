import { drawScenario, type Scenario } from 'imago/testing'

/** A change takes a handful of calls, and a look another: each goes wrong less often for that. */
const CALLS_A_CHANGE = 3
const RATES = { 1: 0.01, 2: 0.01, 3: 0.01, 4: 0.01, 7: 0.003 }

function ratesOf(drawn: Readonly<Record<number, number>> = {}): Readonly<Record<number, number>> {
  const shared = Object.entries(drawn).map(([fault, rate]) => [fault, rate / CALLS_A_CHANGE])
  return { ...RATES, ...Object.fromEntries(shared) }
}

/**
 * A run drawn for the simulated cloud, as it can be on a cloud over a wire: without a load balancer nobody knows who is well, so each has one.
 *
 * @param kinds numbers of the faults that the cloud has.
 */
export function drawWireScenario(seed: number, kinds: readonly number[]): Scenario {
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
        ...(faults === undefined ? {} : { faults: { ...faults, kinds, rates: ratesOf(faults.rates) } }),
      },
    },
  }
}
