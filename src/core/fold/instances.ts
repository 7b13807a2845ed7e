import type { EventOf, RolloutEvent } from '../events.ts'
import type { At } from '../snapshot.ts'
import type { GenerationState, InstanceFact, RolloutState } from '../state.ts'
import { same } from './rollout.ts'

const ROUTING_MEMORY_MS = 300_000

/** What an event makes of the fact of the instance that it is about. */
const FACTS = {
  'instance.healthy': (before: InstanceFact, at: At): InstanceFact => ({ ...without(before, 'goneAt'), healthyAt: at }),
  'instance.unhealthy': (before: InstanceFact): InstanceFact => without(before, 'healthyAt'),
  'instance.lost': (before: InstanceFact, at: At): InstanceFact => ({ ...without(before, 'healthyAt'), goneAt: at }),
  'instance.leaving': (before: InstanceFact, at: At): InstanceFact => ({ ...before, leavingAt: at }),
  'instance.drained': (before: InstanceFact, at: At): InstanceFact => ({ ...before, drainedAt: at }),
}

/** An event about one instance. */
export type InstanceEvent = EventOf<keyof typeof FACTS>

/** Whether an event is about one instance. */
export function isInstanceEvent(event: RolloutEvent): event is InstanceEvent {
  return event.type in FACTS
}

/** Reducers of the events about instances, traffic, demand and drift. */
export const INSTANCES = {
  'instance.healthy': afterOne,
  'instance.unhealthy': afterOne,
  'instance.lost': afterOne,
  'instance.leaving': afterOne,
  'instance.drained': afterOne,
  'drain.asked': (state: RolloutState, event: EventOf<'drain.asked'>): RolloutState => {
    const instances: Record<string, InstanceFact> = { ...state.instances }
    for (const id of event.instances)
      instances[id] = { ...(instances[id] ?? { generation: event.generation }), askedAt: event.at }
    return { ...state, instances }
  },
  'traffic.shifted': routed,
  'traffic.disturbed': routed,
  'demand.raised': afterDemand,
  'drift.seen': (state: RolloutState, event: EventOf<'drift.seen'>): RolloutState => ({
    ...state,
    drift: [...state.drift, event.what],
  }),
  'holds.lost': same,
}

function afterOne(state: RolloutState, event: InstanceEvent): RolloutState {
  return afterInstances(state, [event])
}

/** Events of one moment come by the hundred: what is known of all instances is copied once, not for each of them. */
export function afterInstances(state: RolloutState, events: readonly InstanceEvent[]): RolloutState {
  const instances: Record<string, InstanceFact> = { ...state.instances }
  let forgotten = false
  for (const event of events) {
    if (event.type === 'instance.lost' && !forgotten) {
      forget(instances, event.at - state.plan.restsOn.provider.settleMs)
      forgotten = true
    }
    const before = instances[event.instance] ?? { generation: event.generation }
    instances[event.instance] = FACTS[event.type](before, event.at)
  }
  return { ...state, instances }
}

/** Drops those that have been gone for longer than any read may lag. */
function forget(instances: Record<string, InstanceFact>, goneBefore: At): void {
  for (const id in instances) if ((instances[id]?.goneAt ?? Infinity) < goneBefore) delete instances[id]
}

/** The newest routing, and as much of what was before as may still explain what an autoscaler asks for. */
function routed(state: RolloutState, event: EventOf<'traffic.shifted' | 'traffic.disturbed'>): RolloutState {
  const recent = state.routing.filter((one, index) => index === state.routing.length - 1 || event.at - one.at < ROUTING_MEMORY_MS)
  return { ...state, routing: [...recent, { units: event.units, at: event.at }] }
}

function afterDemand(state: RolloutState, { demand, known }: EventOf<'demand.raised'>): RolloutState {
  const generations: Record<string, GenerationState> = { ...state.generations }
  for (const id in known) {
    const one = generations[id]
    if (one !== undefined) generations[id] = { ...one, asked: known[id] ?? one.asked }
  }
  return { ...state, demand, generations }
}

function without(fact: InstanceFact, key: 'goneAt' | 'healthyAt'): InstanceFact {
  const { [key]: _, ...rest } = fact
  return rest
}
