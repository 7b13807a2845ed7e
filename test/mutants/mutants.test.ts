import { describe, expect, test } from 'vitest'
import { checkApplies } from '../../tools/mutants/copy.ts'
import { hunt } from '../../tools/mutants/hunt.ts'
import { mutants } from '../../tools/mutants/patches.ts'
import { INVARIANTS, LAWS } from './promises.ts'

const seed = Number(process.env['IMAGO_SEED'])
const all = mutants()

/** Of those that are found soon, so that a busy machine has the time. The deep tests hunt them all. */
const SOON = 30

describe('every mutant', () => {
  test.for(all.map((one) => [one.name, one] as const))('%s applies to the tree as it is', ([, mutant]) => {
    checkApplies(mutant)
  })

  test('breaks a law or an invariant that there is, and each of them has one', () => {
    const broken = all.flatMap(({ laws, invariants }) => [...laws, ...invariants])
    expect([...new Set(broken)].toSorted()).toEqual([...LAWS, ...INVARIANTS].toSorted())
  })
})

describe('some mutants, drawn anew for every commit', () => {
  const soon = all.filter((one) => one.median !== undefined && one.median <= SOON)
  const drawn = [soon[seed % soon.length], soon[(seed + 1 + (seed % (soon.length - 1))) % soon.length]]

  test.for(drawn.flatMap((one) => (one === undefined ? [] : [[one.name, one] as const])))(
    '%s is found',
    { timeout: 120_000 },
    async ([, mutant]) => {
      expect(await hunt(mutant, [seed])).toMatchObject({ found: true })
    },
  )
})
