import { canary, type AnalysisOptions, type MetricSource, type RolloutEvent } from 'imago'
import { createSite } from '../kit/index.ts'

/** How the first analysis ended: what was said of it, and what the rollout came to. */
export interface Ending {
  /** What the measurements said, in order. */
  readonly verdicts: readonly string[]
  readonly judged: string | undefined
  readonly outcome: string
  readonly events: readonly RolloutEvent[]
}

/**
 * A canary at half of the traffic in a simulated cloud, judged by one source: its number must be at most 1, and is
 * inconclusive up to 2. Measured twice, every ten seconds.
 */
export async function judge(source: MetricSource, policy: Partial<AnalysisOptions> = {}): Promise<Ending> {
  const site = createSite({ size: 2 })
  const { fleet, imago } = site.process({ metrics: { mine: source }, lookInterval: 5_000 })
  const metrics = [{ source: 'mine', query: 'errors', must: { op: '<=', value: 1 }, inconclusiveUntil: 2 }] as const
  const analysis = { metrics, interval: '10s', count: 2, ...policy } as const
  const rollout = await site.started(fleet, canary({ weights: [50], bake: '5s', analysis }))
  const events: RolloutEvent[] = []
  rollout.onAny((event) => void events.push(event))
  while (rollout.state.phase !== 'done' && rollout.state.paused === undefined) {
    await site.settled(rollout.tick())
    await site.pass(5_000)
  }
  await imago.close()
  return endingOf(events)
}

function endingOf(events: readonly RolloutEvent[]): Ending {
  const judged = events.find((event) => event.type === 'analysis.judged')
  const taken = events.filter((event) => event.type === 'measurement.taken' && event.waypoint === judged?.waypoint)
  const finished = events.find((event) => event.type === 'rollout.finished')
  return {
    verdicts: taken.flatMap((event) => (event.type === 'measurement.taken' ? event.verdict : [])),
    judged: judged?.verdict,
    outcome: finished?.outcome ?? (events.at(-1)?.type === 'rollout.paused' ? 'paused' : 'unfinished'),
    events,
  }
}
