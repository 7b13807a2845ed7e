import { describe, expect, test } from 'vitest'
import { parseTable } from '../../providers/local/balancer/table.ts'
import { isRolloutError, type Problem } from '../../src/core/errors.ts'
import { pool, table } from './balancer-kit.ts'

function problemsOf(value: unknown): readonly Problem[] {
  try {
    parseTable(value)
  } catch (error) {
    if (isRolloutError(error, 'spec-invalid')) return error.facts.problems
    throw error
  }
  return []
}

describe('a table', () => {
  test('that is well formed comes back as it was', () => {
    const good = table(3, [{ ...pool('a', 95, 4_001, 4_002), preview: { host: '127.0.0.1', port: 0 } }, pool('b', 5)])
    expect(parseTable(structuredClone(good))).toEqual(good)
  })

  test('with several faults is refused with all of them, each with its place', () => {
    const faults = {
      version: 0,
      extra: true,
      services: [
        { name: '', listen: { host: 'localhost', port: 70_000 }, pools: [{ ...pool('a', -1), targets: [{ port: 0 }] }] },
      ],
    }
    expect(problemsOf(faults).map((one) => one.path)).toEqual(
      expect.arrayContaining([
        'version',
        'extra',
        'services[0].name',
        'services[0].listen.port',
        'services[0].pools[0].weight',
        'services[0].pools[0].targets[0].instance',
        'services[0].pools[0].targets[0].port',
        'services[0].pools[0].targets[0].state',
      ]),
    )
  })

  test('with something twice is refused', () => {
    const [service] = table(1, [pool('a', 1, 4_001, 4_001), pool('a', 1)]).services
    expect(problemsOf({ version: 1, services: [service, service] }).map((one) => one.allowed)).toEqual([
      'each instance once',
      'each binding once',
      'each instance once',
      'each binding once',
      'each name once',
    ])
  })
})
