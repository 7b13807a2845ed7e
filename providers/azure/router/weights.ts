import { callFailed } from '../../../src/core/errors.ts'
import type { Weights } from '../../../src/core/ports.ts'

interface Weighted {
  readonly binding: string
  readonly weight: number
}

/** @throws RolloutError `call-failed` of class `invalid` for what are no whole numbers, or not all of the traffic. */
export function checkSum(wanted: Weights, units: number): void {
  const weights = Object.values(wanted)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum === units && weights.every((weight) => Number.isInteger(weight) && weight >= 0)) return
  throw callFailed('invalid', 'setWeights', `Weights are whole numbers that sum to ${units}, not ${weights.join(' + ')}.`)
}

/** @throws RolloutError `call-failed` of class `conflict` where the weights are others than whoever sets them has seen. */
export function checkExpected(routes: readonly Weighted[], expected: Weights): void {
  for (const name of new Set([...routes.map((one) => one.binding), ...Object.keys(expected)])) {
    const now = routes.find((one) => one.binding.toLowerCase() === name.toLowerCase())?.weight ?? 0
    const before = expected[name] ?? 0
    if (now !== before) throw callFailed('conflict', 'setWeights', `${name} has weight ${now}, not ${before}: look again.`)
  }
}
