import { decide, type Decision } from '../core/decide.ts'
import { isRolloutError, rolloutError } from '../core/errors.ts'
import type { Fact, Request } from '../core/events.ts'
import type { Wait } from '../core/reconcile/orders.ts'
import { callPerson } from '../core/failure.ts'
import { answer } from '../core/requests.ts'
import { fold } from '../core/fold/index.ts'
import type { At, FleetSnapshot } from '../core/snapshot.ts'
import type { RolloutState } from '../core/state.ts'
import { CALL_TIMEOUT_MS } from '../core/times.ts'
import { LOOK_DEADLINE_MS, unlessLetGo } from './deadline.ts'
import { hear, hearing } from './hearing.ts'
import type { Lease } from './lease.ts'
import type { Term } from './life.ts'
import { measure } from './measure.ts'
import { perform } from './perform.ts'
import { lookMsOf, type Runtime } from './runtime.ts'
import { letGo, scopeOf } from './scope.ts'
import { readStoreTime, type StoreTime } from './store-time.ts'
import { takeLook, type Watched } from './take-look.ts'
import { catchUp, commit, commitOutcomes, headed, launchOf, type Tracked } from './tracked.ts'

// T1. A turn looks, decides, journals the intents, acts, journals the outcomes; nothing acts elsewhere.
// T2. A turn that decides nothing takes no lease and writes nothing.
// T3. Whoever is not the controller of the rollout's epoch takes over in the journal before it acts.

/** Where a rollout stands after a turn. */
export interface Turn {
  readonly state: RolloutState
  /** When the turn was taken, by the store's clock. */
  readonly at: At
  /** When the next turn is worth while, by the store's clock. */
  readonly wakeAt: At
  readonly waitingFor: readonly Wait[]
}

/** A clock that moved this much more or less than the time that passed has jumped; a turn that comes this much late stood still. */
const JUMP_MS = 5_000
/** A fleet that could not be looked at for this long needs a person. */
const BLIND_MS = 300_000
/** Why what is under way was let go of. */
const SOMEBODY_ASKS = 'somebody asked for something'

/**
 * One turn of one rollout, after the one that this process may have under way.
 *
 * @throws RolloutError `driven-elsewhere`, `fenced`, `store-unavailable`.
 */
export async function takeTurn(
  runtime: Runtime,
  lease: Lease,
  tracked: Tracked,
  watched: Watched,
  { signal, lastWords }: Term,
): Promise<Turn> {
  const before = tracked.turning
  const turn = unlessLetGo(lastWords, 'the turn before', () => before).then(() =>
    oneTurn(runtime, lease, tracked, watched, signal),
  )
  // Whoever does not wait for the turn before leaves that to the next one.
  tracked.turning = Promise.allSettled([before, turn]).then(() => undefined)
  return await turn
}

async function oneTurn(runtime: Runtime, lease: Lease, tracked: Tracked, watched: Watched, signal: AbortSignal): Promise<Turn> {
  await catchUp(runtime, tracked)
  const time = await readStoreTime(runtime)
  const now = time.readAt
  if (tracked.state.phase === 'done') return { state: tracked.state, at: now, wakeAt: now, waitingFor: [] }
  await refuseIfDrivenElsewhere(runtime, lease, tracked.state, now)
  const requests = await hear(runtime, tracked)
  const judging = mayJudge(runtime, tracked, now)
  const looked = await tryLook(runtime, tracked, watched, time, signal)
  if (looked.asked !== undefined) return await askedTurn(runtime, lease, tracked, looked.asked, time.now())
  if (looked.snapshot === undefined && letGo(signal)) return { state: tracked.state, at: now, wakeAt: now, waitingFor: [] }
  if (looked.snapshot === undefined) return await blindTurn(runtime, lease, tracked, requests, now, looked.why)
  // The look took its time, and what follows from it is dated after it: late calls are reckoned from there.
  const decidedAt = time.now()
  const decision = await decideAndCommit(runtime, lease, tracked, looked.snapshot, decidedAt, requests, judging)
  const asked = await act(runtime, lease, tracked, watched, decision, () => CALL_TIMEOUT_MS - time.passedSince(decidedAt), signal)
  if (decision.state.phase === 'done') await tracked.seal.forget(runtime)
  const next = asked ? now : wakeAt(runtime, decision, tracked.state, now)
  tracked.dueAt = next
  return { state: tracked.state, at: now, wakeAt: next, waitingFor: decision.waitingFor }
}

async function decideAndCommit(
  runtime: Runtime,
  lease: Lease,
  tracked: Tracked,
  snapshot: FleetSnapshot,
  now: At,
  requests: readonly Request[],
  judgeDeadlines: boolean,
): Promise<Decision> {
  const { state } = tracked
  const asked = answered(state, requests, now)
  const first = decide(state, snapshot, now, { facts: asked, judgeDeadlines })
  if (first.events.length === 0 && first.questions.length === 0) return first
  await lease.renew(runtime, now)
  if (state.controller?.id === runtime.system.controller.id) {
    await commit(runtime, tracked, first.state, first.events)
    return first
  }
  const facts = [takeOver(runtime, state), ...asked]
  const decision = decide(state, snapshot, now, { facts, judgeDeadlines })
  await commit(runtime, tracked, decision.state, decision.events)
  return decision
}

/** Calls and questions side by side. A request takes effect in the journal beside them; questions are let go of for it, and calls when it changes the direction. @returns whether somebody asked. */
async function act(
  runtime: Runtime,
  lease: Lease,
  tracked: Tracked,
  watched: Watched,
  decision: Decision,
  leftMs: () => number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { intents, questions } = decision
  if (intents.length === 0 && questions.length === 0) return false
  const launch = intents.some((intent) => intent.command.kind === 'ensure-group') ? await launchOf(runtime, tracked) : null
  const { state } = tracked
  const calls = scopeOf(signal)
  const asking = scopeOf(calls.signal)
  const both = () =>
    Promise.all([
      perform(runtime, watched, state, launch, intents, leftMs, calls.signal),
      measure(runtime, state, questions, asking.signal),
    ])
  let asked = false
  const [outcomes, facts] = await hearing(runtime, tracked, both, async (requests) => {
    const { readAt } = await readStoreTime(runtime)
    await journal(runtime, lease, tracked, answered(tracked.state, requests, readAt), readAt)
    asked = true
    asking.letGo(SOMEBODY_ASKS)
    if (tracked.state.aim !== state.aim) calls.letGo(SOMEBODY_ASKS)
  }).finally(calls.end)
  await commitOutcomes(runtime, tracked, [...outcomes, ...facts.map((fact) => ({ fact }))])
  return asked
}

/** Requests one after the other: what the first one changes, the second one meets. */
function answered(state: RolloutState, requests: readonly Request[], now: At): Fact[] {
  const facts: Fact[] = []
  let current = state
  for (const request of requests) {
    for (const fact of answer(current, request)) {
      facts.push(fact)
      current = fold(current, headed(current, fact, now))
    }
  }
  return facts
}

function takeOver(runtime: Runtime, state: RolloutState): Fact {
  return { type: 'controller.took-over', epoch: state.epoch + 1, controller: runtime.system.controller }
}

async function refuseIfDrivenElsewhere(runtime: Runtime, lease: Lease, state: RolloutState, now: At): Promise<void> {
  const { controller, rolloutId } = state
  if (controller === undefined || controller.id === runtime.system.controller.id || runtime.system.isDead(controller)) return
  const view = await lease.look(runtime, controller)
  if (view === undefined || view.untilAt <= now) return
  const message = `${rolloutId} is driven by ${view.name}; its lease runs until ${new Date(view.untilAt).toISOString()} unless it is renewed.`
  throw rolloutError('driven-elsewhere', message, {
    rolloutId,
    controller: view.name,
    sinceAt: view.sinceAt,
    untilAt: view.untilAt,
  })
}

type Looked = {
  readonly snapshot?: FleetSnapshot
  /** The look was let go of, for it took long and somebody waits. */
  readonly asked?: readonly Request[]
  readonly why: string
}

async function tryLook(
  runtime: Runtime,
  tracked: Tracked,
  watched: Watched,
  time: StoreTime,
  signal: AbortSignal | undefined,
): Promise<Looked> {
  const looking = scopeOf(signal)
  let asked: readonly Request[] | undefined
  const look = () => takeLook(runtime, watched, time.readAt, tracked.handles, looking.signal)
  try {
    const snapshot = await hearing(runtime, tracked, look, (requests) => {
      asked = requests
      looking.letGo(SOMEBODY_ASKS)
    })
    if (time.passedSince(time.readAt) > LOOK_DEADLINE_MS) return { why: 'this process stood still while it looked' }
    tracked.blind = undefined
    return { snapshot, why: '' }
  } catch (error) {
    if (!isRolloutError(error, 'call-failed')) throw error
    return { why: error.message, ...(asked === undefined ? {} : { asked }) }
  } finally {
    looking.end()
  }
}

/** What people ask for is journaled without a look, and the next turn looks again. */
async function askedTurn(runtime: Runtime, lease: Lease, tracked: Tracked, requests: readonly Request[], now: At): Promise<Turn> {
  await journal(runtime, lease, tracked, answered(tracked.state, requests, now), now)
  return { state: tracked.state, at: now, wakeAt: now, waitingFor: [{ what: 'a look at the fleet' }] }
}

/** Without a look nothing is decided but what people ask for; after long blindness a person is called. */
async function blindTurn(
  runtime: Runtime,
  lease: Lease,
  tracked: Tracked,
  requests: readonly Request[],
  now: At,
  why: string,
): Promise<Turn> {
  const blind = { count: (tracked.blind?.count ?? 0) + 1, sinceAt: tracked.blind?.sinceAt ?? now }
  tracked.blind = blind
  const facts = answered(tracked.state, requests, now)
  if (now - blind.sinceAt >= BLIND_MS && tracked.state.paused === undefined) {
    const reason = `the fleet could not be looked at since ${new Date(blind.sinceAt).toISOString()}: ${why}`
    facts.push(...callPerson(reason, 'mend the access, then resume'))
  }
  await journal(runtime, lease, tracked, facts, now)
  runtime.log?.warn({ rolloutId: tracked.rolloutId, looksFailed: blind.count }, why)
  const wait = Math.min(30_000, lookMsOf(runtime, tracked.state.plan.restsOn.provider) * 2 ** Math.min(blind.count, 6))
  return { state: tracked.state, at: now, wakeAt: now + wait, waitingFor: [{ what: `a look at the fleet (${why})` }] }
}

/** Journals what was not decided by a look. */
async function journal(runtime: Runtime, lease: Lease, tracked: Tracked, facts: readonly Fact[], now: At): Promise<void> {
  if (facts.length === 0) return
  await lease.renew(runtime, now)
  let { state } = tracked
  const mine = state.controller?.id === runtime.system.controller.id
  const events = [...(mine ? [] : [takeOver(runtime, state)]), ...facts].map((fact) => {
    const event = headed(state, fact, now)
    state = fold(state, event)
    return event
  })
  await commit(runtime, tracked, state, events)
}

/**
 * Whether deadlines may be judged: not when a clock has jumped, nor when this process stood still. Then one more look is
 * taken first, for nobody acted meanwhile; whoever is late every time judges every other time.
 */
function mayJudge(runtime: Runtime, tracked: Tracked, now: At): boolean {
  const monotonic = runtime.system.clock.monotonic()
  const { last, dueAt } = tracked
  const jumped = last !== undefined && Math.abs(now - last.now - (monotonic - last.monotonic)) >= JUMP_MS
  const late = last?.judged === true && dueAt !== undefined && now - dueAt >= JUMP_MS
  tracked.last = { now, monotonic, judged: !jumped && !late }
  return !jumped && !late
}

function wakeAt(runtime: Runtime, decision: Decision, state: RolloutState, now: At): At {
  // After acting, the effect is looked for soon; what changes by time alone is not waited for longer than until then.
  const next = now + lookMsOf(runtime, state.plan.restsOn.provider)
  return decision.wakeAt === undefined ? next : Math.max(now, Math.min(decision.wakeAt, next))
}
