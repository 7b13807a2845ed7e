import type { EventOf } from '../events.ts'
import type { InstanceFact, RolloutState } from '../state.ts'
import { same } from './rollout.ts'

const ROUTING_MEMORY_MS = 300_000

/** Reducers of the events about instances, traffic, demand and drift. */
export const INSTANCES = {
  'instance.healthy': (state: RolloutState, event: EventOf<'instance.healthy'>): RolloutState => {
    const { goneAt: _, ...before } = known(state, event)
    return kept(state, event.instance, { ...before, healthyAt: event.at })
  },
  'instance.unhealthy': (state: RolloutState, event: EventOf<'instance.unhealthy'>): RolloutState => {
    const { healthyAt: _, ...rest } = known(state, event)
    return kept(state, event.instance, rest)
  },
  'instance.lost': (state: RolloutState, event: EventOf<'instance.lost'>): RolloutState => {
    const { healthyAt: _, ...rest } = known(state, event)
    return kept(forgotten(state, event.at), event.instance, { ...rest, goneAt: event.at })
  },
  'instance.leaving': (state: RolloutState, event: EventOf<'instance.leaving'>): RolloutState =>
    kept(state, event.instance, { ...known(state, event), leavingAt: event.at }),
  'instance.drained': (state: RolloutState, event: EventOf<'instance.drained'>): RolloutState =>
    kept(state, event.instance, { ...known(state, event), drainedAt: event.at }),
  'traffic.shifted': routed,
  'traffic.disturbed': routed,
  'demand.raised': (state: RolloutState, event: EventOf<'demand.raised'>): RolloutState => ({ ...state, demand: event.demand }),
  'drift.seen': (state: RolloutState, event: EventOf<'drift.seen'>): RolloutState => ({
    ...state,
    drift: [...state.drift, event.what],
  }),
  'holds.lost': same,
}

function known(state: RolloutState, event: { readonly instance: string; readonly generation: string }): InstanceFact {
  return state.instances[event.instance] ?? { generation: event.generation }
}

function kept(state: RolloutState, id: string, fact: InstanceFact): RolloutState {
  return { ...state, instances: { ...state.instances, [id]: fact } }
}

/** Without those that have been gone for longer than any read may lag. */
function forgotten(state: RolloutState, at: number): RolloutState {
  const { settleMs } = state.plan.restsOn.provider
  const instances: Record<string, InstanceFact> = {}
  let dropped = false
  for (const id in state.instances) {
    const fact = state.instances[id]
    if (fact === undefined) continue
    if (fact.goneAt !== undefined && at - fact.goneAt > settleMs) dropped = true
    else instances[id] = fact
  }
  return dropped ? { ...state, instances } : state
}

/** The newest routing, and as much of what was before as may still explain what an autoscaler asks for. */
function routed(state: RolloutState, event: EventOf<'traffic.shifted' | 'traffic.disturbed'>): RolloutState {
  const recent = state.routing.filter((one, index) => index === state.routing.length - 1 || event.at - one.at < ROUTING_MEMORY_MS)
  return { ...state, routing: [...recent, { units: event.units, at: event.at }] }
}
