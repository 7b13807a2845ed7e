import { inRole } from './capacity.ts'
import type { Fact } from './events.ts'
import type { Look } from './look.ts'
import type { Consequence } from './plan.ts'
import { unreadyMs } from './times.ts'
import { generationIn, waypointOf, type RolloutState } from './state.ts'
import { formatDuration } from './duration.ts'

/** A candidate that has traffic and no healthy instance is given this long, not the whole progress deadline. */
const DEAD_CANDIDATE_MS = 60_000
/** A refusal that will not go away by itself is believed after this many. */
const REFUSALS = 3

/** The change of direction that the present look asks for, if any: a generation lost, too many deaths, a deadline. */
export function failure(state: RolloutState, look: Look): Fact[] | undefined {
  if (state.paused !== undefined || state.stuck) return undefined
  const lost = lostGeneration(state, look)
  if (lost !== undefined) return lost
  const waypoint = waypointOf(state)
  if (waypoint === undefined) return undefined
  if (state.aim === 'forward') {
    if (state.deaths > waypoint.failureLimit)
      return turn(
        state,
        'rollback',
        `${state.deaths} launches or instances of the candidate failed, ${waypoint.failureLimit} are forgiven`,
      )
    const refused = refusedForGood(state)
    if (refused !== undefined) return turn(state, 'rollback', refused)
  }
  if (state.aim === 'salvage' && state.deaths > waypoint.failureLimit)
    return [
      { type: 'rollback.started', cause: `${state.cause}, and what was left of the fleet fails too: ${state.deaths} times` },
    ]
  if (state.ready) return undefined
  const spentMs = unreadyMs(state, look.now)
  if (spentMs >= waypoint.progressDeadlineMs)
    return turn(
      state,
      waypoint.onDeadline,
      `no progress towards ${waypoint.id} for ${formatDuration(waypoint.progressDeadlineMs)}`,
    )
  if (state.aim === 'forward' && spentMs >= DEAD_CANDIDATE_MS && deadUnderTraffic(state, look))
    return turn(
      state,
      'rollback',
      `the candidate has traffic and had no healthy instance for ${formatDuration(DEAD_CANDIDATE_MS)}`,
    )
  return undefined
}

/** The events by which a consequence takes effect. On the way back there is nowhere else to turn to: it has failed. */
export function turn(state: RolloutState, then: Consequence, cause: string): Fact[] {
  if (then === 'pause') return [{ type: 'rollout.paused', by: 'imago', reason: cause }]
  if (state.aim !== 'forward') return [{ type: 'rollback.failed', cause }]
  switch (then) {
    case 'rollback':
      return [{ type: 'rollback.started', cause }]
    case 'abort':
      return [{ type: 'rollout.aborting', cause }]
    case 'proceed':
      return []
  }
}

function lostGeneration(state: RolloutState, look: Look): Fact[] | undefined {
  const stable = generationIn(state, 'stable')
  const candidate = generationIn(state, 'candidate')
  if (stable?.lost === true && state.aim !== 'salvage') {
    const serving = inRole(state, look, 'candidate')?.credit ?? 0
    if (serving > 0) return [{ type: 'salvage.started', cause: `${stable.id} was deleted by somebody else` }]
    return [{ type: 'rollback.started', cause: `${stable.id} was deleted by somebody else and the candidate does not serve` }]
  }
  if (candidate?.lost === true && state.aim === 'forward')
    return [{ type: 'rollback.started', cause: `${candidate.id} was deleted by somebody else` }]
  return undefined
}

function refusedForGood(state: RolloutState): string | undefined {
  for (const resource in state.setbacks) {
    const setback = state.setbacks[resource]
    if (setback !== undefined && setback.attempts >= REFUSALS && (setback.class === 'denied' || setback.class === 'invalid'))
      return `${resource}: ${setback.message}`
  }
  return undefined
}

function deadUnderTraffic(state: RolloutState, look: Look): boolean {
  const candidate = inRole(state, look, 'candidate')
  // By count an instance that is not healthy gets no traffic; only a route of its own sends it where nobody serves.
  const own = candidate !== undefined && candidate.state.binding !== state.plan.stable.binding
  return own && candidate.weight > 0 && candidate.healthy === 0
}
