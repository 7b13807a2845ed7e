import { test } from 'vitest'
import { WHOLE_CANARIES } from './turns.ts'

const seed = Number(process.env['IMAGO_SEED'])

// Another one with each commit; the deep tests go through both.
test.for(Object.entries(WHOLE_CANARIES).filter((_, index) => index === seed % 2))(
  'a whole canary by %s, a new process for each turn',
  { timeout: 180_000 },
  async ([, goThrough], context) => goThrough(context),
)
