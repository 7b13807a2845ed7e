import { canary, createImago, type AnalysisOptions, type MetricSource, type RolloutEvent } from 'imago'
import { memoryStore } from 'imago/stores/memory'
import { createCloud, createWorld, drive, worldClock } from 'imago/testing'

/** How the first analysis ended: what was said of it, and what the rollout came to. */
export interface Ending {
  /** What the measurements said, in order. */
  readonly verdicts: readonly string[]
  readonly judged: string | undefined
  readonly outcome: string
  readonly events: readonly RolloutEvent[]
}

const DAY_MS = 86_400_000

/**
 * A canary at half of the traffic in a simulated cloud, judged by one source: its number must be at most 1, and is
 * inconclusive up to 2. Measured twice, every ten seconds.
 */
export async function judge(source: MetricSource, policy: Partial<AnalysisOptions> = {}): Promise<Ending> {
  const world = createWorld({ seed: 7, bootMs: [20_000, 20_000] })
  for (const image of ['img-1', 'img-2']) world.images.publish(image, { kind: 'good' })
  const cloud = createCloud(world, { fleets: [{ groups: [{ id: 'web', image: 'img-1', size: 2 }] }] })
  world.runUntil(world.now + 60_000)
  const random = world.random('process')
  const imago = createImago({
    store: memoryStore({ now: () => world.now }),
    providers: { cloud: cloud.provider },
    metrics: { mine: source },
    system: {
      clock: worldClock(world),
      controller: { id: 'c', name: 'c' },
      user: 'ada',
      random: () => random.next(),
      isDead: () => false,
      secret: (length) => Uint8Array.from({ length }, () => random.whole(0, 255)),
    },
    lookInterval: 5_000,
  })
  if (cloud.router === undefined) throw new TypeError('this cloud has a router')
  const fleet = imago.fleet('web', { provider: 'cloud', groups: { kind: 'clone', adopt: 'web' }, traffic: cloud.router })
  const metrics = [{ source: 'mine', query: 'errors', must: { op: '<=', value: 1 }, inconclusiveUntil: 2 }] as const
  const analysis = { metrics, interval: '10s', count: 2, ...policy } as const
  const settled = <T>(promise: Promise<T>) => drive(world, promise, world.now + DAY_MS)
  const plan = await settled(fleet.plan({ image: 'img-2', strategy: canary({ weights: [50], bake: '5s', analysis }) }))
  const rollout = await settled(fleet.start(plan))
  const events: RolloutEvent[] = []
  rollout.onAny((event) => void events.push(event))
  while (rollout.state.phase !== 'done' && rollout.state.paused === undefined) {
    await settled(rollout.tick())
    await settled(worldClock(world).sleep(5_000))
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
