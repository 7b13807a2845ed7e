import type { EventOf, RolloutEvent } from '../events.ts'
import type { At } from '../snapshot.ts'
import { factsOf, type GenerationState, type InstanceFact, type RolloutState } from '../state.ts'

const ROUTING_MEMORY_MS = 300_000

/** What an event makes of the fact of the instance that it is about. */
const FACTS = {
  'instance.healthy': (before: InstanceFact, at: At): InstanceFact => ({ ...without(before, 'goneAt'), healthyAt: at }),
  'instance.unhealthy': (before: InstanceFact): InstanceFact => without(before, 'healthyAt'),
  'instance.lost': (before: InstanceFact, at: At): InstanceFact => ({ ...without(before, 'healthyAt'), goneAt: at }),
  'instance.leaving': (before: InstanceFact, at: At): InstanceFact => ({
    ...without(without(without(before, 'drainingAt'), 'askedAt'), 'drainedAt'),
    leavingAt: at,
  }),
  'instance.drained': (before: InstanceFact, at: At): InstanceFact => ({ ...before, drainedAt: at }),
}

/** An event about one instance. */
export type InstanceEvent = EventOf<keyof typeof FACTS>

/** Whether an event is about one instance. */
export function isInstanceEvent(event: RolloutEvent): event is InstanceEvent {
  return event.type in FACTS
}

/** Reducers of the events about instances, traffic, demand and holds. */
export const INSTANCES = {
  'instance.healthy': afterOne,
  'instance.unhealthy': afterOne,
  'instance.lost': afterOne,
  'instance.leaving': afterOne,
  'instance.drained': afterOne,
  'drain.started': (state: RolloutState, event: EventOf<'drain.started'>): RolloutState =>
    withFacts(state, event.generation, (facts) => {
      for (const id of event.instances) facts[id] = { ...facts[id], drainingAt: event.at }
    }),
  'drain.asked': (state: RolloutState, event: EventOf<'drain.asked'>): RolloutState =>
    withFacts(state, event.generation, (facts) => {
      for (const id of event.instances) facts[id] = { ...facts[id], askedAt: event.at }
    }),
  'traffic.shifted': routed,
  'traffic.disturbed': routed,
  'demand.raised': (state: RolloutState, event: EventOf<'demand.raised'>): RolloutState => ({
    ...withAsked(state, event.known),
    demand: event.demand,
  }),
  'size.lowered': (state: RolloutState, event: EventOf<'size.lowered'>): RolloutState => withAsked(state, event.sizes),
  'holds.lost': (state: RolloutState, event: EventOf<'holds.lost'>): RolloutState => ({
    ...state,
    held: state.held.filter((one) => one.group !== event.group),
  }),
}

function afterOne(state: RolloutState, event: InstanceEvent): RolloutState {
  return afterInstances(state, [event])
}

/** Events of one moment come by the hundred: what is known of a generation is copied once, not for each of them. */
export function afterInstances(state: RolloutState, events: readonly InstanceEvent[]): RolloutState {
  let next = state
  for (const generation of new Set(events.map((event) => event.generation))) {
    const own = events.filter((event) => event.generation === generation)
    const lost = own.find((event) => event.type === 'instance.lost')
    next = withFacts(next, generation, (facts) => {
      if (lost !== undefined) forget(facts, lost.at - state.plan.restsOn.provider.settleMs)
      for (const event of own) facts[event.instance] = FACTS[event.type](facts[event.instance] ?? NOTHING_KNOWN, event.at)
    })
  }
  return next
}

const NOTHING_KNOWN: InstanceFact = Object.freeze({})

/** A change of what is known of one generation's instances. */
function withFacts(state: RolloutState, generation: string, change: (facts: Record<string, InstanceFact>) => void): RolloutState {
  const facts = { ...factsOf(state, generation) }
  change(facts)
  return { ...state, instances: { ...state.instances, [generation]: facts } }
}

/** Drops those that have been gone for longer than any read may lag. */
function forget(facts: Record<string, InstanceFact>, goneBefore: At): void {
  for (const id in facts) if ((facts[id]?.goneAt ?? Infinity) < goneBefore) delete facts[id]
}

/** The newest routing, and as much of what was before as may still explain what an autoscaler asks for. */
function routed(state: RolloutState, event: EventOf<'traffic.shifted' | 'traffic.disturbed'>): RolloutState {
  const recent = state.routing.filter((one, index) => index === state.routing.length - 1 || event.at - one.at < ROUTING_MEMORY_MS)
  return { ...state, routing: [...recent, { units: event.units, at: event.at }] }
}

/** Sizes that are known to be so, whoever asked for them. */
function withAsked(state: RolloutState, sizes: Readonly<Record<string, number>>): RolloutState {
  const generations: Record<string, GenerationState> = { ...state.generations }
  for (const id in sizes) {
    const one = generations[id]
    if (one !== undefined) generations[id] = { ...one, asked: sizes[id] ?? one.asked }
  }
  return { ...state, generations }
}

function without(fact: InstanceFact, key: 'goneAt' | 'healthyAt' | 'drainingAt' | 'askedAt' | 'drainedAt'): InstanceFact {
  const { [key]: _, ...rest } = fact
  return rest
}
