import { isRolloutError } from '../core/errors.ts'
import { hear, hearInMs } from './hearing.ts'
import type { Lease } from './lease.ts'
import type { Term } from './life.ts'
import type { Runtime } from './runtime.ts'
import { letGo } from './scope.ts'
import type { Watched } from './take-look.ts'
import type { Tracked } from './tracked.ts'
import { takeTurn, type Turn } from './turn.ts'

/** Wait after a turn that the store would not let happen. */
const STORE_WAIT_MS = 1_000

/**
 * Turns until the rollout has ended or somebody lets go. Between turns it looks for requests, so that a person is
 * heard also in the middle of a long bake.
 *
 * @param onTurn told after every turn.
 * @throws RolloutError `driven-elsewhere`, `fenced`, `format-newer`, `store-corrupt`.
 */
export async function drive(
  runtime: Runtime,
  lease: Lease,
  tracked: Tracked,
  watched: Watched,
  term: Term,
  onTurn: ((turn: Turn) => void) | undefined,
): Promise<void> {
  const { signal } = term
  while (!letGo(signal)) {
    const turn = await turnUnlessStoreFails(runtime, lease, tracked, watched, term)
    if (turn === undefined) {
      await runtime.system.clock.sleep(STORE_WAIT_MS, signal)
      continue
    }
    onTurn?.(turn)
    if (turn.state.phase === 'done') return
    await sleepUntil(runtime, tracked, turn, signal)
  }
}

/** A store that is away stops every effect, and nothing else: the rollout goes on when it is back. */
async function turnUnlessStoreFails(runtime: Runtime, lease: Lease, tracked: Tracked, watched: Watched, term: Term) {
  try {
    return await takeTurn(runtime, lease, tracked, watched, term)
  } catch (error) {
    if (!isRolloutError(error, 'store-unavailable') && !isRolloutError(error, 'call-failed')) throw error
    runtime.log?.warn({ rolloutId: tracked.rolloutId }, error.message)
    return undefined
  }
}

async function sleepUntil(runtime: Runtime, tracked: Tracked, turn: Turn, signal: AbortSignal): Promise<void> {
  let left = turn.wakeAt - turn.at
  while (left > 0 && !letGo(signal)) {
    const slice = Math.min(left, hearInMs(runtime, tracked))
    await runtime.system.clock.sleep(slice, signal)
    left -= slice
    if (left > 0 && (await somebodyAsks(runtime, tracked))) return
  }
}

async function somebodyAsks(runtime: Runtime, tracked: Tracked): Promise<boolean> {
  try {
    return (await hear(runtime, tracked)).length > 0
  } catch (error) {
    // The next turn meets the same store and says so.
    if (isRolloutError(error)) return true
    throw error
  }
}
