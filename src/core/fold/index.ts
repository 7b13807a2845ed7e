import type { EventOf, EventType, RolloutEvent } from '../events.ts'
import { rolloutError } from '../errors.ts'
import type { RolloutState } from '../state.ts'
import { FLIGHTS, pruned } from './flights.ts'
import { GATES } from './gates.ts'
import { afterStart, GENERATIONS } from './generations.ts'
import { afterInstances, INSTANCES, isInstanceEvent, type InstanceEvent } from './instances.ts'
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
  return advanced(reduce(state, event), event, PROGRESS.has(event.type))
}

/** The state after all these events. */
export function foldAll(state: RolloutState | undefined, events: readonly RolloutEvent[]): RolloutState | undefined {
  let result = state
  for (let index = 0; index < events.length;) {
    const run = result === undefined ? [] : instanceRun(events, index)
    const event = run.at(-1) ?? (events[index] as RolloutEvent)
    result =
      result === undefined || run.length < 2
        ? fold(result, event)
        : advanced(
            afterInstances(result, run),
            event,
            run.some((one) => PROGRESS.has(one.type)),
          )
    index += Math.max(1, run.length)
  }
  return result
}

/** The events about instances, all of one moment, that begin here. */
function instanceRun(events: readonly RolloutEvent[], from: number): InstanceEvent[] {
  const run: InstanceEvent[] = []
  for (let index = from; index < events.length; index++) {
    const event = events[index] as RolloutEvent
    if (!isInstanceEvent(event) || event.at !== events[from]?.at) break
    run.push(event)
  }
  return run
}

/** What every event does: it is the latest one, a success renews the deadline, and what is long past is forgotten. */
function advanced(reduced: RolloutState, { seq, at }: RolloutEvent, progress: boolean): RolloutState {
  const next = progress ? renewed(reduced, at) : reduced
  const flights = pruned(next, at)
  const unready = flights === next.flights ? next.unready : sinceWaitedOut(next, at)
  return { ...next, flights, unready, seq, at }
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
