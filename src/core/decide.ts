import { resourceOf, touchedBy, type Command, type Measurement } from './command.ts'
import { loweredSizes, movedSizes, raisedDemand } from './demand.ts'
import { EVENT_FORMAT, type Fact, type RolloutEvent } from './events.ts'
import { callPerson, failure, turn } from './failure.ts'
import { finish } from './finish.ts'
import { foldAll } from './fold/index.ts'
import { gates } from './gates.ts'
import { guard } from './guard.ts'
import { lookAt, type Look } from './look.ts'
import { observe } from './observe.ts'
import type { Budget } from './shape.ts'
import { reconcile } from './reconcile/index.ts'
import { updatesRest } from './reconcile/update.ts'
import { drainFacts } from './reconcile/drain.ts'
import type { Orders, Wait } from './reconcile/orders.ts'
import type { At, FleetSnapshot } from './snapshot.ts'
import { waypointOf, type RolloutState } from './state.ts'

/** A command with the identity it keeps over all its attempts. */
export interface Intent {
  readonly id: string
  readonly command: Command
}

/** What one look leads to. */
export interface Decision {
  /** To be journaled, in this order, before anything is done; the intents among them. */
  readonly events: readonly RolloutEvent[]
  /** The state after them. */
  readonly state: RolloutState
  readonly intents: readonly Intent[]
  readonly questions: readonly Measurement[]
  readonly waitingFor: readonly Wait[]
  /** When something changes by time alone. */
  readonly wakeAt?: At
}

/** What a turn brings along beside the look. */
export interface Given {
  /** Taken over, asked for: journaled before anything that follows from the look. */
  readonly facts: readonly Fact[]
  /** False when a clock has jumped since the last turn: one more look before a deadline is judged. */
  readonly judgeDeadlines: boolean
}

const NOTHING_GIVEN: Given = { facts: [], judgeDeadlines: true }

/** A waypoint may be left and the next begun in one turn; more than this in one turn would be a loop. */
const MOST_STEPS = 8

/**
 * What follows from the journal's state and one look, now. Pure: the same in, the same out.
 */
export function decide(state: RolloutState, snapshot: FleetSnapshot, now: At, given: Given = NOTHING_GIVEN): Decision {
  const pass = new Pass(state, snapshot, now)
  pass.add(given.facts)
  const { judgeDeadlines } = given
  if (pass.state.phase === 'done') return pass.decision([], [], [])
  pass.add(observe(pass.state, pass.look()))
  // What was seen to land just now explains sizes, so demand is judged after it.
  pass.add(loweredSizes(pass.state, pass.look()))
  pass.add(movedSizes(pass.state, pass.look()))
  const demand = raisedDemand(pass.state, pass.look())
  if (demand !== undefined) pass.add([demand])
  for (let step = 0; step < MOST_STEPS; step++) {
    const look = pass.look()
    const broken = judgeDeadlines ? failure(pass.state, look) : undefined
    if (broken !== undefined) {
      pass.add(broken)
      continue
    }
    const waypoint = waypointOf(pass.state)
    if (waypoint === undefined) {
      const end = finish(pass.state, look)
      pass.add(end.facts)
      if (end.orders.left.length > 0) continue
      return pass.decision(
        intents(pass, look, { maxSurge: 'unbounded', maxUnavailable: 0, soakMs: 0 }, end.orders),
        end.orders.questions,
        end.orders.waits,
      )
    }
    if (!pass.state.entered) pass.add([{ type: 'waypoint.entered', waypoint: waypoint.id, index: pass.state.index }])
    const { orders, condition } = reconcile(pass.state, look, waypoint)
    const report = gates(pass.state, look, waypoint, condition)
    pass.add([...readiness(pass.state, condition.ready, condition.why), ...report.facts])
    if (report.failed !== undefined) {
      pass.add(turn(pass.state, report.failed.then, report.failed.why))
      if (report.failed.then !== 'pause') continue
    }
    const fresh = newFacts(pass.state, look, orders)
    if (fresh.length > 0) {
      // What was chosen or has drained just now is acted on in this turn, not at the next look.
      pass.add(fresh)
      continue
    }
    const paused = pass.state.paused !== undefined
    const leaving = condition.ready || (pass.state.aim === 'abort' && settledAbort(pass.state, look, orders))
    if (leaving && report.open && !paused) {
      pass.add([{ type: 'waypoint.reached', waypoint: waypoint.id }])
      continue
    }
    const going = intents(pass, look, waypoint.budget, orders)
    return pass.decision(going, [...orders.questions, ...report.questions], [...orders.waits, ...report.waits])
  }
  return pass.decision([], [], [])
}

/** The events of one turn as they are added, and the state they fold to. */
class Pass {
  state: RolloutState
  readonly events: RolloutEvent[] = []
  readonly snapshot: FleetSnapshot
  readonly now: At
  #look: { readonly of: RolloutState; readonly look: Look } | undefined

  constructor(state: RolloutState, snapshot: FleetSnapshot, now: At) {
    this.state = state
    this.snapshot = snapshot
    this.now = now
  }

  /** The snapshot joined with the present state; joined anew only after an event. */
  look(): Look {
    if (this.#look?.of !== this.state)
      this.#look = { of: this.state, look: lookAt(this.state, this.snapshot, this.now, this.#look?.look) }
    return this.#look.look
  }

  add(facts: readonly Fact[]): void {
    if (facts.length === 0) return
    const { rolloutId, fleet, seq } = this.state
    let { epoch } = this.state
    const events = facts.map((fact, index) => {
      const event: RolloutEvent = { v: EVENT_FORMAT, seq: seq + 1 + index, at: this.now, rolloutId, fleet, epoch, ...fact }
      // A take-over begins the epoch of all that follows it.
      epoch = event.epoch
      return event
    })
    this.events.push(...events)
    this.state = foldAll(this.state, events) ?? this.state
  }

  decision(going: readonly Intent[], questions: readonly Measurement[], waitingFor: readonly Wait[]): Decision {
    let wakeAt: At | undefined
    for (const { untilAt } of waitingFor) {
      // A moment that has passed and still is waited for needs another look, not another turn at once.
      if (untilAt !== undefined && untilAt > this.now && (wakeAt === undefined || untilAt < wakeAt)) wakeAt = untilAt
    }
    return {
      events: this.events,
      state: this.state,
      intents: going,
      questions,
      waitingFor,
      ...(wakeAt === undefined ? {} : { wakeAt }),
    }
  }
}

function readiness(state: RolloutState, ready: boolean, why: string): Fact[] {
  const waypoint = waypointOf(state)?.id ?? ''
  if (ready === state.ready) return []
  return [ready ? { type: 'waypoint.ready', waypoint } : { type: 'waypoint.unready', waypoint, why }]
}

/** Victims become facts before anything is done to them, and only if the guard lets them go; who is to drain anew does so in any case. */
function newFacts(state: RolloutState, look: Look, orders: Orders): Fact[] {
  const facts: Fact[] = drainFacts(orders)
  for (const generation of orders.gone) facts.push({ type: 'generation.retired', generation })
  if (orders.needsPerson !== undefined && state.paused === undefined)
    facts.push(...callPerson(orders.needsPerson.why, orders.needsPerson.next))
  if (state.paused !== undefined) return facts
  const waypoint = waypointOf(state)
  for (const one of orders.victims) {
    const command: Command = { kind: 'remove', group: one.group, instances: one.instances, sizesAfter: {} }
    const isBarred = one.returned !== true && waypoint !== undefined && guard(state, look, waypoint.budget, command) !== undefined
    if (isBarred) continue
    for (const instance of one.instances) facts.push({ type: 'instance.leaving', instance, generation: one.generation })
  }
  return facts
}

/** An abort waits for nothing that it could not order at once. */
function settledAbort(state: RolloutState, look: Look, orders: Orders): boolean {
  return orders.commands.length === 0 && orders.victims.length === 0 && updatesRest(state, look)
}

/**
 * Guards the orders, gives them their identity, and makes the intents to be journaled. Of two that touch one resource the second waits
 * for a look that shows the first: calls of a turn go side by side, and their effects could not be told apart.
 */
function intents(pass: Pass, look: Look, budget: Budget, orders: Orders): Intent[] {
  const going: Intent[] = []
  const changed = new Set<string>()
  for (const command of orders.commands) {
    const resource = resourceOf(command)
    const touched = touchedBy(command, look.snapshot.facts)
    if (touched.some((one) => changed.has(one))) continue
    const setback = pass.state.setbacks[resource]
    if (setback !== undefined && look.now < setback.untilAt) continue
    if (pass.state.paused !== undefined && !allowedWhilePaused(pass.state, command)) continue
    const refusal = guard(pass.state, look, budget, command)
    if (refusal !== undefined) {
      if (pass.state.refusals[resource] !== refusal) pass.add([{ type: 'guard.refused', resource, command, why: refusal }])
      continue
    }
    const { id, attempt } = identity(pass.state, command, resource)
    pass.add([{ type: 'command.intended', id, command, waypoint: waypointOf(pass.state)?.id ?? 'finish', attempt }])
    for (const one of touched) changed.add(one)
    going.push({ id, command })
  }
  return going
}

/** Growth that follows demand and the renewal of holds go on while a rollout is paused, and an updater is stopped; nothing else is done. */
function allowedWhilePaused(state: RolloutState, command: Command): boolean {
  if (command.kind === 'hold' || command.kind === 'resize' || command.kind === 'stop-update') return true
  // Traffic may always go back to stable.
  const stable = state.plan.stable.binding ?? ''
  return (
    command.kind === 'set-weights' && state.aim !== 'forward' && (command.wanted[stable] ?? 0) > (command.expected[stable] ?? 0)
  )
}

/** The identity of an earlier attempt of the same command whose outcome stayed unknown; a new one otherwise. */
function identity(state: RolloutState, command: Command, resource: string): { id: string; attempt: number } {
  for (const flight of state.flights)
    if (!flight.landed && flight.resource === resource && JSON.stringify(flight.command) === JSON.stringify(command))
      return { id: flight.id, attempt: flight.attempt + 1 }
  return { id: `c${state.commands + 1}`, attempt: 1 }
}
