import { portOf } from './command.ts'
import type { At } from './snapshot.ts'
import type { Flight, RolloutState } from './state.ts'

/** Moments that matter in the life of an intent. */
export interface FlightTimes {
  /** From here on a look shows whether it landed. */
  readonly visibleAt: At
  /** From here on it can no longer land. */
  readonly lateUntilAt: At
  /** From here on nothing depends on it any more. */
  readonly forgetAt: At
}

/** How long a call may take before the engine lets go of it. */
export const CALL_TIMEOUT_MS = 30_000

/** When an intent is visible, when it can no longer land, and when it may be forgotten; from the times the adapters declare. */
export function flightTimes(state: Pick<RolloutState, 'plan'>, flight: Flight): FlightTimes {
  const { provider, router } = state.plan.restsOn
  const facts = portOf(flight.command) === 'router' && router !== undefined ? router : provider
  // An answer may come long after the intent, where the process stood still before it sent the call.
  const visibleAt = (flight.answeredAt ?? flight.intendedAt) + facts.settleMs
  if (flight.outcome === 'accepted' && !flight.doubtful) return { visibleAt, lateUntilAt: visibleAt, forgetAt: visibleAt }
  // For the same reason one whose answer was lost may have been sent as late as that was known.
  const sentUntilAt = Math.max(flight.intendedAt + CALL_TIMEOUT_MS, flight.answeredAt ?? flight.intendedAt)
  const lateUntilAt = Math.max(visibleAt, sentUntilAt + facts.lateCallHorizonMs)
  return { visibleAt, lateUntilAt, forgetAt: lateUntilAt }
}

/**
 * Until when calls that were lost on the way to a waypoint are waited for, 0 when none is; `waypoint` is where the rollout goes now.
 * There a call is made again, and waiting counts from its first attempt: one that is lost every time is no reason to wait for ever.
 */
export function waitedOutAt(state: Pick<RolloutState, 'plan' | 'flights'>, waypoint: string | undefined): At {
  let until = 0
  for (const flight of state.flights) {
    if (!flight.doubtful) continue
    const counted = flight.waypoint === waypoint ? firstAttempt(flight) : flight
    until = Math.max(until, flightTimes(state, counted).lateUntilAt)
  }
  return until
}

/** As if it had been tried once only; when the answer to a later attempt came says nothing about the first. */
function firstAttempt(flight: Flight): Flight {
  const { answeredAt: _, ...rest } = flight
  return { ...rest, intendedAt: flight.firstAt }
}
