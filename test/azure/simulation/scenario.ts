import { rolling, type RollingOptions } from 'imago'
import type { Scenario } from 'imago/testing'
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
  const weights = router !== false && router?.weights !== false && spec.strategy.name === 'blue-green'
  return {
    spec: { ...spec, strategy: byTheEngine(spec.strategy) },
    model: { ...model, cloud: { ...cloud, router: { ...router, weights } } },
  }
}

/** Rolling upgrades of scale sets are not set to work. */
function byTheEngine(strategy: Scenario['spec']['strategy']): Scenario['spec']['strategy'] {
  if (strategy.native !== true) return strategy
  const { by: _by, ...options } = strategy.options as RollingOptions<'answers'>
  return rolling(options)
}
