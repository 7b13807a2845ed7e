import type { DrainPolicy, Waypoint } from './plan.ts'
import type { At, RouterFacts } from './snapshot.ts'
import { factsOf, waypointOf, type RolloutState } from './state.ts'
import { waitedOutAt } from './times.ts'

/** What says how long draining may take. */
interface DrainTimes {
  readonly restsOn: { readonly router?: Pick<RouterFacts, 'drainDeadlineMs'> }
  readonly drain: DrainPolicy
}

/** How long an instance may take from leaving its route to having finished what it had under way. */
export function drainTimeMs({ restsOn, drain }: DrainTimes): number {
  return (restsOn.router?.drainDeadlineMs ?? 0) + (drain.hook === undefined ? 0 : drain.deadlineMs)
}

/** How long the routing must have stood before a generation may be taken out of it. */
function quietMs(state: RolloutState): number {
  return Math.max(state.plan.restsOn.router?.propagationMs ?? 0, state.aim === 'forward' ? state.bakeOwedMs : 0)
}

/**
 * The end of all that is under way and waited for by declaration: calls that may still land, instances that drain or
 * soak, routing that must stand. Until then it is nobody's fault that nothing moves.
 */
function declaredUntilAt(state: RolloutState): At {
  const waypoint = waypointOf(state)
  const drainMs = drainTimeMs(state.plan)
  const soakMs = waypoint?.budget.soakMs ?? 0
  let until = waitedOutAt(state, waypoint?.id)
  for (const generation in state.instances) {
    const facts = factsOf(state, generation)
    for (const id in facts) {
      const fact = facts[id]
      if (fact === undefined || fact.goneAt !== undefined || fact.drainedAt !== undefined) continue
      if (fact.drainingAt !== undefined) until = Math.max(until, fact.drainingAt + drainMs)
      else if (fact.leavingAt === undefined && fact.healthyAt !== undefined && soakMs > 0)
        until = Math.max(until, fact.healthyAt + soakMs)
    }
  }
  return retires(state, waypoint) ? Math.max(until, routedSince(state) + quietMs(state)) : until
}

/** Whether a generation is to leave the world now: the waypoint says so, or nobody wants it in any. */
function retires({ generations }: RolloutState, waypoint: Waypoint | undefined): boolean {
  if (Object.values(waypoint?.shape.generations ?? {}).some((one) => one.state === 'retired')) return true
  return Object.values(generations).some(
    // One that somebody deleted may have left its route behind.
    ({ role, gone, lost, keptFor }) => keptFor === undefined && (lost || (role === 'leftover' && !gone)),
  )
}

/** Since when the routing has stood as it does. */
export function routedSince({ routing, startedAt }: Pick<RolloutState, 'routing' | 'startedAt'>): At {
  return routing.at(-1)?.at ?? startedAt
}

/** From when on time without progress counts that has been running since `sinceAt`: not while something is waited for by declaration. */
export function countedFromAt(state: RolloutState, sinceAt: At, now: At): At {
  return sinceAt >= now ? sinceAt : Math.max(sinceAt, Math.min(now, declaredUntilAt(state)))
}

/** Time without progress, unready, up to now. */
export function unreadyMs(state: RolloutState, now: At): number {
  const { sinceAt, spentMs } = state.unready
  return sinceAt === undefined ? spentMs : spentMs + Math.max(0, now - countedFromAt(state, sinceAt, now))
}

/** Whether time without progress has come to this much. */
export function unreadyFor(state: RolloutState, ms: number, now: At): boolean {
  const { sinceAt = now, spentMs } = state.unready
  // Mostly it would not have even if nothing were waited for, and then nobody need ask for what.
  return spentMs + Math.max(0, now - sinceAt) >= ms && unreadyMs(state, now) >= ms
}

/** When a question that is asked every so often must be thought of again; one that is due is asked now, and then comes the next. */
export function nextQuestionAt(now: At, askAt: At, everyMs: number): At {
  return now < askAt ? askAt : now + everyMs
}
