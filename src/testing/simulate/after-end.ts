import { isRolloutError } from '../../core/errors.ts'
import type { Rollout } from '../../engine/rollout.ts'
import { UNHARMED } from './mortal.ts'
import { spawn, type Stage } from './stage.ts'

/**
 * What has ended stays as it is: turns do nothing, and a person who aborts it (36) is told that there is nothing to abort.
 *
 * @returns what was done all the same; `undefined` when nothing was.
 */
export async function stirAfterEnd(stage: Stage): Promise<string | undefined> {
  const { rolloutId, book, counts } = stage
  if (rolloutId === undefined) return undefined
  const before = { calls: book.calls.length, events: book.journal.length }
  const { imago } = spawn(stage, 'person', UNHARMED)
  const rollout = await imago.rollout(rolloutId)
  counts.faults[36] = 1
  if (!(await abortRefused(rollout))) return 'a person who aborts what has ended was not told so'
  for (let turn = 0; turn < 3; turn++) await rollout.tick()
  const calls = book.calls.slice(before.calls).map((call) => call.name)
  const events = book.journal.slice(before.events).map((event) => event.type)
  return calls.length + events.length === 0 ? undefined : `${[...calls, ...events].join(', ')} after the end`
}

async function abortRefused(rollout: Rollout): Promise<boolean> {
  try {
    await rollout.abort({ by: 'ada' })
    return false
  } catch (error) {
    if (!isRolloutError(error)) throw error
    return true
  }
}
