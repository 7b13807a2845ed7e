import type { RolloutEvent } from 'imago'
import type { LoadLine } from './load.ts'

/** What one rollout of the demo came to, as its users saw it. */
export interface Result {
  readonly strategy: string
  readonly image: string
  readonly outcome: string
  readonly durationMs: number
  /** Requests of everybody while the rollout went on. */
  readonly requests: number
  readonly failedRequests: number
  /** Requests that the candidate answered. */
  readonly exposedRequests: number
  /** The candidate's largest weight, in percent. */
  readonly maxWeight: number
  /** From the candidate's first traffic to the first measurement that failed. Null when none failed. */
  readonly detectedMs: number | null
  /** From that measurement to the moment the candidate's weight was seen back at 0. */
  readonly returnedMs: number | null
  /** Requests that failed though the candidate had no traffic. */
  readonly failedOutsideExposure: number
}

/** Puts a rollout's journal beside what the load saw in that time. */
export function resultOf(events: readonly RolloutEvent[], lines: readonly LoadLine[], label: string): Result {
  const first = events[0]
  const last = events.at(-1)
  if (first?.type !== 'rollout.started' || last?.type !== 'rollout.finished')
    throw new TypeError('The demo measures whole rollouts only.')
  const within = lines.filter((line) => line.at > first.at && line.at <= last.at + 300)
  const exposure = exposureOf(events)
  const failures = within.filter((line) => line.why !== undefined)
  const outside = failures.filter(
    (line) => !exposure.some((span) => line.at >= span.from && line.at - (line.tookMs ?? 0) <= span.until),
  )
  const sums = within.filter((line) => line.byImage !== undefined)
  const failing = events.find((event) => event.type === 'measurement.taken' && event.verdict === 'fail')
  const exposedAt = exposure[0]?.from
  const backAt = failing === undefined ? undefined : exposure.find((span) => span.until >= failing.at)?.until
  return {
    strategy: first.plan.strategy.name,
    image: label,
    outcome: last.outcome,
    durationMs: last.at - first.at,
    requests: sums.reduce((sum, line) => sum + (line.requests ?? 0), 0),
    failedRequests: failures.length,
    exposedRequests: sums.reduce((sum, line) => sum + (line.byImage?.[label]?.requests ?? 0), 0),
    maxWeight: Math.max(0, ...exposure.map((span) => span.weight)),
    detectedMs: failing === undefined || exposedAt === undefined ? null : failing.at - exposedAt,
    returnedMs: failing === undefined || backAt === undefined ? null : backAt - failing.at,
    failedOutsideExposure: outside.length,
  }
}

interface Span {
  readonly from: number
  readonly until: number
  readonly weight: number
}

/** When the candidate may have had traffic: from the intent to give it some until its weight was seen at 0. */
function exposureOf(events: readonly RolloutEvent[]): Span[] {
  const started = events[0]
  const candidate = started?.type === 'rollout.started' ? started.plan.candidate : undefined
  const spans: { from: number; until: number; weight: number }[] = []
  let open: { from: number; until: number; weight: number } | undefined
  for (const event of events) {
    if (event.type === 'command.intended' && event.command.kind === 'set-weights' && open === undefined) {
      if ((event.command.wanted[candidate?.binding ?? ''] ?? 0) === 0) continue
      open = { from: event.at, until: Infinity, weight: 0 }
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
