import { rolloutError } from './errors.ts'
import type { Aim, EventOf, Outcome, RolloutEvent } from './events.ts'
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

/** A report as it grows, and what its next lines depend on. */
export interface Telling {
  readonly report: Report
  readonly aim: Aim
  readonly pausedSinceAt?: At
}

/** Folds a rollout's events into its report. @throws RolloutError `store-corrupt` when they do not begin with `rollout.started`. */
export function reportOf(events: readonly RolloutEvent[]): Report {
  const telling = events.reduce<Telling | undefined>(tell, undefined)
  if (telling === undefined) throw incomplete(undefined)
  return telling.report
}

/**
 * The report with one more event in it. Pure: whoever folds events as they come need not read them again.
 *
 * @param telling `undefined` before `rollout.started`.
 * @throws RolloutError `store-corrupt` when the first event is another.
 */
export function tell(telling: Telling | undefined, event: RolloutEvent): Telling {
  if (event.type === 'rollout.started') return { report: begun(event), aim: 'forward' }
  if (telling === undefined) throw incomplete(event)
  const { pausedSinceAt, ...rest } = telling
  const pause = pauseAfter(pausedSinceAt, event)
  const ended = pausedSinceAt !== undefined && pause === undefined
  const report = { ...told(telling, event), ...(ended ? { pausedMs: rest.report.pausedMs + event.at - pausedSinceAt } : {}) }
  return { report, aim: AIMS[event.type] ?? rest.aim, ...(pause === undefined ? {} : { pausedSinceAt: pause }) }
}

const AIMS: Readonly<Partial<Record<RolloutEvent['type'], Aim>>> = {
  'rollback.started': 'back',
  'rollout.aborting': 'abort',
  'salvage.started': 'salvage',
}

function begun(first: EventOf<'rollout.started'>): Report {
  return {
    rolloutId: first.rolloutId,
    fleet: first.fleet,
    strategy: first.plan.strategy.name,
    image: formatImageRef(first.plan.image),
    outcome: 'unfinished',
    reason: '',
    next: 'run or tick it again: it goes on where it is',
    startedAt: first.at,
    endedAt: first.at,
    durationMs: 0,
    pausedMs: 0,
    waypoints: [],
    commands: { intended: 0, refused: 0, unknown: 0 },
    leftovers: [],
  }
}

function told({ report, aim }: Telling, event: RolloutEvent): Report {
  const { commands } = report
  const later = { ...report, endedAt: event.at, durationMs: event.at - report.startedAt }
  switch (event.type) {
    case 'rollout.finished': {
      const { outcome, reason, next, leftovers } = event
      return { ...later, outcome, reason, next, leftovers }
    }
    case 'command.intended':
      return { ...later, commands: { ...commands, intended: commands.intended + 1 } }
    case 'command.refused':
      return { ...later, commands: { ...commands, refused: commands.refused + 1 } }
    case 'command.unknown':
      return { ...later, commands: { ...commands, unknown: commands.unknown + 1 } }
    case 'waypoint.entered':
      return { ...later, waypoints: [...report.waypoints, { id: event.waypoint, aim, enteredAt: event.at }] }
    case 'waypoint.ready':
      return { ...later, waypoints: withLast(report.waypoints, (one) => ({ ...one, readyAt: one.readyAt ?? event.at })) }
    case 'waypoint.reached':
      return { ...later, waypoints: withLast(report.waypoints, (one) => ({ ...one, reachedAt: event.at })) }
    default:
      return later
  }
}

function withLast(
  waypoints: readonly WaypointReport[],
  change: (last: WaypointReport) => WaypointReport,
): readonly WaypointReport[] {
  return waypoints.map((one, index) => (index === waypoints.length - 1 ? change(one) : one))
}

function pauseAfter(since: At | undefined, event: RolloutEvent): At | undefined {
  switch (event.type) {
    case 'rollout.paused':
      return event.at
    case 'rollout.resumed':
    case 'rollback.started':
    case 'rollout.aborting':
      return undefined
    default:
      return since
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
