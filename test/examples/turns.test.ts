import { test } from 'vitest'
import { share, SHARE_MS } from '../kit/share.ts'
import { WHOLE_CANARIES } from './turns.ts'

test.for(share(Object.entries(WHOLE_CANARIES), 2))(
  'a whole canary by %s, a new process for each turn',
  { timeout: SHARE_MS },
  async ([, goThrough], context) => goThrough(context),
)
