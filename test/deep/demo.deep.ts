import { test } from 'vitest'
import { endedBy, SIGNALS } from '../examples/demo-ended.ts'

test.for(SIGNALS)('the main job ended by %s at any moment leaves nothing behind', endedBy)
