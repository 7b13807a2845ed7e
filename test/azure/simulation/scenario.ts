import { blueGreen, canary, rolling, slots, type JsonObject } from 'imago'
import { createRandom, type Scenario } from 'imago/testing'
import { drawWireScenario } from '../../kit/playground/scenario.ts'
import { WORLD_FAULTS } from '../../kit/playground/world-faults.ts'

/** Faults of calls that Azure on the wire has, of launches and of its autoscaler. */
const CALL_FAULTS = [1, 2, 3, 4, 7, 9, 13, 14, 25, 26, 39]
/** Lists of instances that lag, and one that is older than the one before it. */
const READ_FAULTS = [5, 6]
/** Groups made in part by one call, and changes that are accepted and ignored or reverted it has not. */
export const LACKING: readonly number[] = [11, 34, 40]

/** A run drawn for the simulated cloud, as it can be on Azure: rules send all of the traffic to one pool, and parts of it go by count. */
export function drawAzureScenario(seed: number): Scenario {
  const { spec, model } = drawWireScenario(seed, [...CALL_FAULTS, ...WORLD_FAULTS, ...READ_FAULTS])
  const { router, ...cloud } = model.cloud
  const isWeighted = router !== false && router?.weights !== false
  // By a chance of its own: whoever is rolled by weights of endpoints has a slot behind each of them.
  const isLed = isWeighted && spec.strategy.name !== 'rolling' && createRandom(seed, 'endpoints').chance(0.3)
  const weighing = isLed
    ? { weights: true, shares: true, units: 1_000 }
    : { weights: isWeighted && spec.strategy.name === 'blue-green', shares: false }
  return {
    spec: { ...spec, ...(isLed ? { groups: slots('web', 'web-b') } : {}), strategy: timely(spec.strategy) },
    model: { ...model, cloud: { ...cloud, router: { ...router, ...weighing } } },
  }
}

type Strategy = Scenario['spec']['strategy']

/** Machines of the world boot in a minute, and those of Azure may take most of an hour: who knows better says so. */
const PROGRESS_MS = 10 * 60_000
const REMADE: Readonly<Record<string, (options: never) => Strategy>> = { 'blue-green': blueGreen, canary, rolling }

/** The same, in a time that fits its machines. */
function timely({ name, options }: Strategy): Strategy {
  const remake = REMADE[name]
  if (remake === undefined) throw new Error(`No run has a ${name}.`)
  return remake({ ...(options as JsonObject), progressDeadline: PROGRESS_MS } as never)
}
