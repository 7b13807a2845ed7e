import type { RolloutEvent } from 'imago'
import type { LoadLine } from './load.ts'

/** What one rollout of the demo came to, as its users saw it: its journal beside what the load, a process of its own, saw. */
export interface Result {
  readonly strategy: string
  readonly image: string
  readonly outcome: string
  readonly durationMs: number
  /** Requests that ended while the rollout went on. */
  readonly requests: number
  readonly failedRequests: number
  /** Those that ended while the candidate had weight, whoever answered them: the exposure. */
  readonly exposedRequests: number
  /** The candidate's largest weight, in percent. */
  readonly maxWeight: number
  /** From the first measurement that failed to the candidate's weight seen back at 0. Null when none failed. */
  readonly detectedMs: number | null
  /** Requests that failed though the candidate had no weight. */
  readonly failedOutsideExposure: number
}

/** An interval of the load may end this long after the rollout. */
const LAST_REPORT_MS = 300

/** Puts a rollout's journal beside what the load saw in that time. */
export function resultOf(events: readonly RolloutEvent[], lines: readonly LoadLine[], label: string): Result {
  const first = events[0]
  const last = events.at(-1)
  if (first?.type !== 'rollout.started' || last?.type !== 'rollout.finished')
    throw new TypeError('The demo measures whole rollouts only.')
  const whole = { from: first.at, until: last.at + LAST_REPORT_MS, weight: 100 }
  const exposure = exposureOf(events)
  const failures = lines.filter((line) => line.why !== undefined && line.at > whole.from && line.at <= whole.until)
  const failing = events.find((event) => event.type === 'measurement.taken' && event.verdict === 'fail')
  const backAt = failing === undefined ? undefined : exposure.find((span) => span.until >= failing.at)?.until
  return {
    strategy: first.plan.strategy.name,
    image: label,
    outcome: last.outcome,
    durationMs: Math.round(last.at - first.at),
    requests: requestsIn(lines, [whole]),
    failedRequests: failures.length,
    exposedRequests: requestsIn(lines, exposure),
    maxWeight: Math.max(0, ...exposure.map((span) => span.weight)),
    detectedMs: failing === undefined || backAt === undefined ? null : Math.round(backAt - failing.at),
    failedOutsideExposure: failures.filter((line) => !exposure.some((span) => wasUnderWay(line, span))).length,
  }
}

interface Span {
  readonly from: number
  readonly until: number
  readonly weight: number
}

function wasUnderWay({ at, tookMs = 0 }: LoadLine, { from, until }: Span): boolean {
  return at >= from && at - tookMs <= until
}

/** The load counts by interval: one that lies in a span by half counts by half. */
function requestsIn(lines: readonly LoadLine[], spans: readonly Span[]): number {
  let sum = 0
  let before: number | undefined
  for (const { at, byImage, requests = 0 } of lines) {
    if (byImage === undefined) continue
    const from = before ?? at
    for (const span of spans) {
      const shared = Math.min(at, span.until) - Math.max(from, span.from)
      if (shared > 0) sum += (requests * shared) / (at - from)
    }
    before = at
  }
  return Math.round(sum)
}

/** When the candidate may have had traffic: from the intent to give it some until its weight was seen at 0. */
function exposureOf(events: readonly RolloutEvent[]): Span[] {
  const started = events[0]
  const candidate = started?.type === 'rollout.started' ? started.plan.candidate : undefined
  const endedAt = events.at(-1)?.at ?? 0
  const spans: { from: number; until: number; weight: number }[] = []
  let open: { from: number; until: number; weight: number } | undefined
  for (const event of events) {
    if (event.type === 'command.intended' && event.command.kind === 'set-weights' && open === undefined) {
      if ((event.command.wanted[candidate?.binding ?? ''] ?? 0) === 0) continue
      open = { from: event.at, until: endedAt, weight: 0 }
      spans.push(open)
    }
    if (event.type !== 'traffic.shifted' || open === undefined) continue
    const weight = event.weights[candidate?.generation ?? ''] ?? 0
    open.weight = Math.max(open.weight, weight)
    if (weight > 0) continue
    open.until = event.at
    open = undefined
  }
  return spans
}
