import type { EventOf, EventType, RolloutEvent } from '../events.ts'
import { rolloutError } from '../errors.ts'
import type { RolloutState } from '../state.ts'
import { FLIGHTS, pruned } from './flights.ts'
import { GATES } from './gates.ts'
import { afterStart, GENERATIONS } from './generations.ts'
import { INSTANCES } from './instances.ts'
import { ROLLOUT } from './rollout.ts'
import { waitedOutAt } from '../times.ts'

/** What an event makes of the state. */
type Reducers = {
  readonly [T in Exclude<EventType, 'rollout.started'>]: (state: RolloutState, event: EventOf<T>) => RolloutState
}

/** One reducer an event type, total by type: an event without one does not compile. */
const REDUCERS: Reducers = { ...ROLLOUT, ...GATES, ...FLIGHTS, ...GENERATIONS, ...INSTANCES }

/** Successes: each renews the progress deadline. */
const PROGRESS: ReadonlySet<EventType> = new Set<EventType>([
  'command.landed',
  'generation.created',
  'generation.found',
  'generation.retired',
  'instance.healthy',
  'instance.drained',
  'traffic.shifted',
])

/**
 * The state after one more event. Pure: the same events give the same state, whoever folds them.
 *
 * @param state `undefined` before `rollout.started`.
 * @throws RolloutError `store-corrupt` when the first event is another.
 */
export function fold(state: RolloutState | undefined, event: RolloutEvent): RolloutState {
  if (event.type === 'rollout.started') return afterStart(event)
  if (state === undefined) throw headless(event)
  const reduce = REDUCERS[event.type] as (state: RolloutState, event: RolloutEvent) => RolloutState
  const reduced = reduce(state, event)
  const next = PROGRESS.has(event.type) ? renewed(reduced, event.at) : reduced
  const flights = pruned(next, event.at)
  const unready = flights === next.flights ? next.unready : sinceWaitedOut(next, event.at)
  return { ...next, flights, unready, seq: event.seq, at: event.at }
}

/** The state after all these events. */
export function foldAll(state: RolloutState | undefined, events: readonly RolloutEvent[]): RolloutState | undefined {
  let result = state
  for (const event of events) result = fold(result, event)
  return result
}

/** Once a lost call is forgotten, the time that was waited for it must not come back as time without progress. */
function sinceWaitedOut(state: RolloutState, at: number): RolloutState['unready'] {
  const { sinceAt, spentMs } = state.unready
  return sinceAt === undefined
    ? state.unready
    : { sinceAt: Math.max(sinceAt, Math.min(at, waitedOutAt(state, state.flights))), spentMs }
}

function renewed(state: RolloutState, at: number): RolloutState {
  return { ...state, unready: state.unready.sinceAt === undefined ? { spentMs: 0 } : { sinceAt: at, spentMs: 0 } }
}

function headless(event: RolloutEvent) {
  const why = `it begins with ${event.type}, not with rollout.started`
  return rolloutError('store-corrupt', `The journal of ${event.rolloutId} is broken: ${why}.`, {
    stream: event.fleet,
    seq: event.seq,
    why,
  })
}
