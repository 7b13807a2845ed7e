import type { EventOf, EventType, RolloutEvent } from '../events.ts'
import { rolloutError } from '../errors.ts'
import { UNMEASURED, type RolloutState } from '../state.ts'
import type { Change } from './change.ts'
import { FLIGHTS, pruned } from './flights.ts'
import { GATES } from './gates.ts'
import { afterStart, GENERATIONS } from './generations.ts'
import { afterInstances, INSTANCES, isInstanceEvent, type InstanceEvent } from './instances.ts'
import { progressOf } from './progress.ts'
import { ROLLOUT } from './rollout.ts'
import { countedFromAt, unreadyMs } from '../waits.ts'

/** What each event changes. */
type Reducers = {
  readonly [T in Exclude<EventType, 'rollout.started'>]: (state: RolloutState, event: EventOf<T>) => Change
}

/** One reducer an event type, total by type: an event without one does not compile. */
const REDUCERS: Reducers = { ...ROLLOUT, ...GATES, ...FLIGHTS, ...GENERATIONS, ...INSTANCES }

/** What is waited for by declaration may begin with these: the time without progress before it still counts when it is over. */
const BEGINS_A_WAIT: ReadonlySet<EventType> = new Set<EventType>([
  'command.intended',
  'drain.started',
  'instance.healthy',
  'traffic.disturbed',
])

/** What was waited for by declaration may be over with these: that time must not come back as time without progress. */
const ENDS_A_WAIT: ReadonlySet<EventType> = new Set<EventType>([
  'command.lapsed',
  'instance.drained',
  'instance.leaving',
  'instance.lost',
  'instance.unhealthy',
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
  const reduce = REDUCERS[event.type] as (state: RolloutState, event: RolloutEvent) => Change
  return changed(state, reduce(state, event), [event])
}

/** The state after all these events. */
export function foldAll(state: RolloutState | undefined, events: readonly RolloutEvent[]): RolloutState | undefined {
  let result = state
  for (let from = 0; from < events.length;) {
    const run = instanceRun(events, from)
    if (result === undefined || run === undefined) result = fold(result, events[from] as RolloutEvent)
    else result = changed(result, afterInstances(result, run), run)
    from += run?.length ?? 1
  }
  return result
}

/** The events about instances of one generation, all of one moment, that begin here. */
function instanceRun(events: readonly RolloutEvent[], from: number): InstanceEvent[] | undefined {
  const first = events[from] as RolloutEvent
  if (!isInstanceEvent(first)) return undefined
  const run = [first]
  for (let index = from + 1; index < events.length; index++) {
    const event = events[index] as RolloutEvent
    if (!isInstanceEvent(event) || event.at !== first.at || event.generation !== first.generation) break
    run.push(event)
  }
  return run
}

/**
 * The state with what these events change, and with what every event does: it is the latest one, a success renews the
 * deadline, and what is long past is forgotten.
 */
function changed(before: RolloutState, change: Change, events: readonly RolloutEvent[]): RolloutState {
  const { seq, at } = events.at(-1) as RolloutEvent
  const reduced = change.flights ?? before.flights
  const flights = pruned(before, reduced, at)
  let [begins, ends] = [false, flights !== reduced]
  for (const event of events) {
    begins ||= BEGINS_A_WAIT.has(event.type)
    ends ||= ENDS_A_WAIT.has(event.type)
  }
  // With a clock that is set how near the fleet came is measured anew.
  const { made, nearest } = progressOf(before, change.unready === undefined ? before.nearest : UNMEASURED, events)
  let unready = change.unready ?? before.unready
  if (begins) unready = booked(before, unready, at)
  if (made) unready = renewed(unready, at)
  if (ends) unready = sinceWaited(before, unready, at)
  // Changes come in many forms, and a spread of them would be much slower.
  return Object.assign({ ...before }, change, { flights, unready, nearest, seq, at })
}

function booked(before: RolloutState, unready: RolloutState['unready'], at: number): RolloutState['unready'] {
  return unready.sinceAt === undefined ? unready : { sinceAt: at, spentMs: unreadyMs({ ...before, unready }, at) }
}

function sinceWaited(before: RolloutState, unready: RolloutState['unready'], at: number): RolloutState['unready'] {
  const { sinceAt, spentMs } = unready
  return sinceAt === undefined ? unready : { sinceAt: countedFromAt(before, sinceAt, at), spentMs }
}

function renewed({ sinceAt }: RolloutState['unready'], at: number): RolloutState['unready'] {
  return sinceAt === undefined ? { spentMs: 0 } : { sinceAt: at, spentMs: 0 }
}

function headless(event: RolloutEvent) {
  const why = `it begins with ${event.type}, not with rollout.started`
  return rolloutError('store-corrupt', `The journal of ${event.rolloutId} is broken: ${why}.`, {
    stream: event.fleet,
    seq: event.seq,
    why,
  })
}
