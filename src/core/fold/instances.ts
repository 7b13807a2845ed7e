import type { EventOf, RolloutEvent } from '../events.ts'
import type { At } from '../snapshot.ts'
import { factsOf, type InstanceFact, type InstanceFacts, type RolloutState } from '../state.ts'
import { withAsked, type Change } from './change.ts'

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
  'drain.started': (state: RolloutState, event: EventOf<'drain.started'>): Change =>
    ofEach(state, event, { drainingAt: event.at }),
  'drain.asked': (state: RolloutState, event: EventOf<'drain.asked'>): Change => ofEach(state, event, { askedAt: event.at }),
  'traffic.shifted': routed,
  'traffic.disturbed': routed,
  'demand.raised': (state: RolloutState, event: EventOf<'demand.raised'>): Change => ({
    ...withAsked(state, event.known),
    demand: event.demand,
  }),
  'size.lowered': (state: RolloutState, event: EventOf<'size.lowered'>): Change => withAsked(state, event.sizes),
  'sizes.moved': (state: RolloutState, event: EventOf<'sizes.moved'>): Change => withAsked(state, event.sizes),
  'update.seen': (state: RolloutState, { group, id, state: seen }: EventOf<'update.seen'>): Change => ({
    updates: { ...state.updates, [group]: { id, state: seen } },
  }),
  'holds.lost': (state: RolloutState, event: EventOf<'holds.lost'>): Change => ({
    held: state.held.filter((one) => one.group !== event.group),
  }),
}

function afterOne(state: RolloutState, event: InstanceEvent): Change {
  return afterInstances(state, [event])
}

/** Events of one moment about one generation come by the hundred: what is known of it is copied once, not for each of them. */
export function afterInstances(state: RolloutState, events: readonly InstanceEvent[]): Change {
  const { generation, at } = events[0] as InstanceEvent
  // Those that have been gone for longer than any read may lag are forgotten.
  const facts = copyOf(factsOf(state, generation), at - state.plan.restsOn.provider.settleMs)
  for (const event of events) facts[event.instance] = FACTS[event.type](facts[event.instance] ?? NOTHING_KNOWN, event.at)
  return { instances: { ...state.instances, [generation]: facts } }
}

/** The same of several instances. */
function ofEach(
  state: RolloutState,
  { generation, instances }: EventOf<'drain.started' | 'drain.asked'>,
  known: InstanceFact,
): Change {
  const facts = copyOf(factsOf(state, generation))
  for (const id of instances) facts[id] = { ...facts[id], ...known }
  return { instances: { ...state.instances, [generation]: facts } }
}

const NOTHING_KNOWN: InstanceFact = Object.freeze({})

/** A copy that may be changed. There may be hundreds, and an object spread is slow for so many. */
export function copyOf(facts: InstanceFacts, goneBefore: At = 0): Record<string, InstanceFact> {
  const copy: Record<string, InstanceFact> = {}
  for (const id in facts) {
    const fact = facts[id] as InstanceFact
    if (fact.goneAt === undefined || fact.goneAt >= goneBefore) copy[id] = fact
  }
  return copy
}

/** The newest routing, and as much of what was before as may still explain what an autoscaler asks for. */
function routed(state: RolloutState, event: EventOf<'traffic.shifted' | 'traffic.disturbed'>): Change {
  const recent = state.routing.filter((one, index) => index === state.routing.length - 1 || event.at - one.at < ROUTING_MEMORY_MS)
  return { routing: [...recent, { units: event.units, at: event.at }] }
}

function without(fact: InstanceFact, key: 'goneAt' | 'healthyAt' | 'drainingAt' | 'askedAt' | 'drainedAt'): InstanceFact {
  const { [key]: _, ...rest } = fact
  return rest
}
