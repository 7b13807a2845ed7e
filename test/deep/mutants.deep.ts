import { expect, test } from 'vitest'
import { hunt } from '../../tools/mutants/hunt.ts'
import { mutants } from '../../tools/mutants/patches.ts'
import { startsFrom } from '../../tools/mutants/starts.ts'

const starts = startsFrom(Number(process.env['IMAGO_SEED']), 10)

test.for(mutants().map((one) => [one.name, one] as const))('the mutant %s is found from ten starts', async ([, mutant]) => {
  expect(await hunt(mutant, starts)).toMatchObject({ found: true })
})
