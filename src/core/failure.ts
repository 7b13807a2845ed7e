import { inRole } from './capacity.ts'
import { resourcesOf } from './command.ts'
import type { Fact } from './events.ts'
import type { GenerationLook, Look } from './look.ts'
import type { Waypoint } from './plan.ts'
import { gaining, generationIn, waypointOf, waypointsOf, type RolloutState, type Setback } from './state.ts'
import { formatDuration } from './duration.ts'
import { rolledBy } from './reconcile/holds.ts'
import { unreadyFor } from './waits.ts'

/** A candidate that has traffic and no healthy instance is given this long, not the whole progress deadline. */
const DEAD_CANDIDATE_MS = 60_000
/** A refusal that will not go away by itself is believed after this many. */
const REFUSALS = 3

/** The change of direction that the present look asks for, if any: a generation lost, too many deaths, a refusal, a deadline. */
export function failure(state: RolloutState, look: Look): Fact[] | undefined {
  if (state.paused !== undefined) return undefined
  const lost = state.stuck ? undefined : lostGeneration(state, look)
  if (lost !== undefined) return lost
  const waypoint = waypointOf(state)
  if (waypoint === undefined) return unfinished(state, look)
  return tooManyDeaths(state, waypoint) ?? refusal(state, look, waypoint) ?? deadline(state, look, waypoint)
}

/** The events by which a consequence takes effect. On the way back there is nowhere else to turn to: it has failed. */
export function turn(state: RolloutState, then: Waypoint['onDeadline'], cause: string): Fact[] {
  if (then === 'pause') return callPerson(cause, 'mend it and resume, or roll back')
  if (state.aim !== 'forward') return [{ type: 'rollback.failed', cause }]
  switch (then) {
    case 'rollback':
      return [{ type: 'rollback.started', cause }]
    case 'abort':
      return [{ type: 'rollout.aborting', cause }]
  }
}

/** What imago does when it can do nothing safe by itself. */
export function callPerson(why: string, next: string): Fact[] {
  return [
    { type: 'person.needed', why, next },
    { type: 'rollout.paused', by: 'imago', reason: why },
  ]
}

function tooManyDeaths(state: RolloutState, waypoint: Waypoint): Fact[] | undefined {
  if (state.deaths <= waypoint.failureLimit) return undefined
  const forgiven = `${waypoint.failureLimit} are forgiven`
  if (state.aim === 'forward')
    return turn(
      state,
      'rollback',
      `${state.deaths} launches or instances of the candidate failed, ${forgiven}${lastFailure(state)}`,
    )
  if (state.aim !== 'salvage') return undefined
  const cause = `${state.cause}, and what was left of the fleet fails too: ${state.deaths} times`
  return [{ type: 'rollback.started', cause }]
}

/** A refusal that will not go away by itself is as good as a deadline that has passed. */
function refusal(state: RolloutState, look: Look, waypoint: Waypoint): Fact[] | undefined {
  if (state.aim !== 'forward' && state.aim !== 'back') return undefined
  for (const resource in state.setbacks) {
    const setback = state.setbacks[resource]
    if (setback === undefined || setback.attempts < REFUSALS || !isFinal(state, look, setback.class)) continue
    const kept = leftBehind(state, look, (one) => resourcesOf(one.state).includes(resource))
    if (kept !== undefined) return kept
    if (state.aim === 'forward') return turn(state, waypoint.onDeadline, `${resource}: ${setback.message}`)
  }
  return undefined
}

/** A claim that somebody else has on a fleet that never was this rollout's is theirs for as long as they roll it. */
function isFinal(state: RolloutState, look: Look, kind: Setback['class']): boolean {
  return kind === 'denied' || kind === 'invalid' || (kind === 'conflict' && rolledBy(state, look) !== undefined)
}

function deadline(state: RolloutState, look: Look, waypoint: Waypoint): Fact[] | undefined {
  if (state.ready) return undefined
  if (unreadyFor(state, waypoint.progressDeadlineMs, look.now)) {
    const isRefused = (one: GenerationLook) => refusalsOf(state, one) > 0
    const kept = leftBehind(state, look, isRefused)
    // Whoever drives it may have been away for most of the time: a refusal is believed after several, not after one.
    if (kept !== undefined && leftBehind(state, look, (one) => isRefused(one) && refusalsOf(state, one) < REFUSALS))
      return undefined
    const time = formatDuration(waypoint.progressDeadlineMs)
    return (
      kept ??
      turn(state, waypoint.onDeadline, `no progress towards ${waypoint.id} for ${time}${refusals(state)}${lastFailure(state)}`)
    )
  }
  if (state.aim !== 'forward' || !deadUnderTraffic(state, look) || !unreadyFor(state, DEAD_CANDIDATE_MS, look.now))
    return undefined
  const time = formatDuration(DEAD_CANDIDATE_MS)
  return turn(state, 'rollback', `the candidate has traffic and had no healthy instance for ${time}`)
}

/** The last steps have the deadline of the last waypoint: then what cannot be removed is left behind, and else a person is called. */
function unfinished(state: RolloutState, look: Look): Fact[] | undefined {
  const deadlineMs = waypointsOf(state).at(-1)?.progressDeadlineMs ?? state.plan.restsOn.provider.readyDeadlineMs
  if (!unreadyFor(state, deadlineMs, look.now)) return undefined
  const kept = leftBehind(state, look, () => true)
  if (kept !== undefined) return kept
  const why = `the rollout could not be finished for ${formatDuration(deadlineMs)}${refusals(state)}`
  return callPerson(why, 'mend what is refused and resume')
}

/** What became of the last launch of the generation that gains, as the end of a sentence. */
function lastFailure(state: RolloutState): string {
  const { id, lastFailure: last } = generationIn(state, gaining(state)) ?? {}
  return last === undefined ? '' : `; ${id}: ${last}`
}

/** What the cloud refuses at present, in its own words, as the end of a sentence. */
function refusals({ setbacks }: RolloutState): string {
  return Object.entries(setbacks)
    .map(([resource, { message }]) => `; ${resource}: ${message}`)
    .join('')
}

function refusalsOf(state: RolloutState, one: GenerationLook): number {
  return Math.max(0, ...resourcesOf(one.state).map((resource) => state.setbacks[resource]?.attempts ?? 0))
}

/** What is to be removed, serves nobody and cannot be removed is no reason to fail: it stays, and the outcome lists it. */
function leftBehind(state: RolloutState, look: Look, which: (one: GenerationLook) => boolean): Fact[] | undefined {
  const facts: Fact[] = []
  for (const one of look.generations) {
    const { id, role, group, lost, keptFor } = one.state
    const superfluous = role === 'leftover' || lost || (state.aim === 'back' && role === 'candidate' && one.state.condemned)
    if (!superfluous || keptFor !== undefined || (one.joined && one.weight > 0 && one.present.length > 0) || !which(one)) continue
    const refused = resourcesOf(one.state).flatMap((resource) => state.setbacks[resource]?.message ?? [])
    facts.push({ type: 'generation.kept', generation: id, why: refused[0] ?? `${group} is not gone` })
  }
  return facts.length === 0 ? undefined : facts
}

function lostGeneration(state: RolloutState, look: Look): Fact[] | undefined {
  const stable = generationIn(state, 'stable')
  const candidate = generationIn(state, 'candidate')
  if (stable?.lost === true && state.aim !== 'salvage') {
    const one = inRole(state, look, 'candidate')
    // What is being retired never gets traffic again: it cannot save anything.
    if (one !== undefined && !one.state.condemned && one.credit > 0)
      return [{ type: 'salvage.started', cause: `${stable.id} was deleted by somebody else` }]
    return [{ type: 'rollback.started', cause: `${stable.id} was deleted by somebody else and the candidate does not serve` }]
  }
  if (candidate?.lost === true && state.aim === 'forward')
    return [{ type: 'rollback.started', cause: `${candidate.id} was deleted by somebody else` }]
  return undefined
}

function deadUnderTraffic(state: RolloutState, look: Look): boolean {
  const candidate = inRole(state, look, 'candidate')
  // By count an instance that is not healthy gets no traffic; only a route of its own sends it where nobody serves.
  const own = candidate !== undefined && candidate.state.binding !== state.plan.stable.binding
  return own && candidate.weight > 0 && candidate.healthy === 0
}
