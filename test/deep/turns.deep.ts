import { test } from 'vitest'
import { WHOLE_CANARIES } from '../examples/turns.ts'

test.for(Object.entries(WHOLE_CANARIES))('a whole canary by %s, a new process for each turn', async ([, goThrough], context) =>
  goThrough(context),
)
