import { rolloutError } from './errors.ts'
import type { Aim, Outcome, RolloutEvent } from './events.ts'
import { formatImageRef } from './image.ts'
import type { At, FleetId } from './snapshot.ts'

/** What a rollout came to: a fold of its events, for programs and for people. */
export interface Report {
  readonly rolloutId: string
  readonly fleet: FleetId
  readonly strategy: string
  /** String form of the image that was rolled out. */
  readonly image: string
  readonly outcome: Outcome | 'unfinished'
  readonly reason: string
  /** The state the fleet is in, what was kept, and what to do next. */
  readonly next: string
  readonly startedAt: At
  readonly endedAt: At
  readonly durationMs: number
  /** Time in which it was waiting for people. */
  readonly pausedMs: number
  readonly waypoints: readonly WaypointReport[]
  readonly commands: { readonly intended: number; readonly refused: number; readonly unknown: number }
  readonly leftovers: readonly string[]
}

/** One waypoint as it went. */
export interface WaypointReport {
  readonly id: string
  readonly aim: Aim
  readonly enteredAt: At
  readonly readyAt?: At
  readonly reachedAt?: At
}

/** Folds a rollout's events into its report. @throws RolloutError `store-corrupt` when they do not begin with `rollout.started`. */
export function reportOf(events: readonly RolloutEvent[]): Report {
  const first = events[0]
  if (first?.type !== 'rollout.started') throw incomplete(first)
  const last = events.at(-1) ?? first
  const ended = events.find((event) => event.type === 'rollout.finished')
  const count = (type: RolloutEvent['type']) => events.reduce((sum, event) => sum + (event.type === type ? 1 : 0), 0)
  return {
    rolloutId: first.rolloutId,
    fleet: first.fleet,
    strategy: first.plan.strategy.name,
    image: formatImageRef(first.plan.image),
    outcome: ended?.outcome ?? 'unfinished',
    reason: ended?.reason ?? '',
    next: ended?.next ?? 'run or tick it again: it goes on where it is',
    startedAt: first.at,
    endedAt: last.at,
    durationMs: last.at - first.at,
    pausedMs: pausedMs(events),
    waypoints: waypoints(events),
    commands: { intended: count('command.intended'), refused: count('command.refused'), unknown: count('command.unknown') },
    leftovers: ended?.leftovers ?? [],
  }
}

function incomplete(first: RolloutEvent | undefined) {
  const why = `a report needs a whole rollout, and the first event is ${first?.type ?? 'missing'}`
  return rolloutError('store-corrupt', `No report can be made: ${why}.`, {
    stream: first?.fleet ?? '',
    seq: first?.seq ?? 0,
    why,
  })
}

function pausedMs(events: readonly RolloutEvent[]): number {
  let total = 0
  let since: At | undefined
  for (const event of events) {
    if (event.type === 'rollout.paused') since = event.at
    else if (
      since !== undefined &&
      (event.type === 'rollout.resumed' || event.type === 'rollback.started' || event.type === 'rollout.aborting')
    ) {
      total += event.at - since
      since = undefined
    }
  }
  return total
}

function waypoints(events: readonly RolloutEvent[]): WaypointReport[] {
  const found: { -readonly [K in keyof WaypointReport]: WaypointReport[K] }[] = []
  let aim: Aim = 'forward'
  for (const event of events) {
    if (event.type === 'rollback.started') aim = 'back'
    if (event.type === 'rollout.aborting') aim = 'abort'
    if (event.type === 'salvage.started') aim = 'salvage'
    if (event.type === 'waypoint.entered') found.push({ id: event.waypoint, aim, enteredAt: event.at })
    const current = found.at(-1)
    if (current === undefined) continue
    if (event.type === 'waypoint.ready') current.readyAt ??= event.at
    if (event.type === 'waypoint.reached') current.reachedAt = event.at
  }
  return found
}
