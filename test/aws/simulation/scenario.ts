import type { Scenario } from 'imago/testing'
import { drawWireScenario } from '../../kit/playground/scenario.ts'
import { WORLD_FAULTS } from '../../kit/playground/world-faults.ts'

/** Faults of calls that AWS on the wire has, of launches and of its autoscaler. */
const CALL_FAULTS = [1, 2, 3, 4, 7, 9, 13, 14, 25, 26, 39]
/** Reads that lag, and one that is older than the one before it. */
const READ_FAULTS = [5, 6]
/** Groups made in part by one call, and changes that are accepted and ignored or reverted it has not. */
export const LACKING: readonly number[] = [11, 34, 40]

/** A run drawn for the simulated cloud, as it can be on AWS. */
export function drawAwsScenario(seed: number): Scenario {
  return drawWireScenario(seed, [...CALL_FAULTS, ...WORLD_FAULTS, ...READ_FAULTS])
}
