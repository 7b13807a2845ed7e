import type { Count } from '../../core/shape.ts'
import type { FleetSpec } from '../../core/fleet-spec.ts'
import { clone, inPlace } from '../../core/fleet-spec.ts'
import { blueGreen } from '../../strategies/blue-green.ts'
import { canary } from '../../strategies/canary.ts'
import { rolling } from '../../strategies/rolling.ts'
import type { Strategy } from '../../strategies/strategy.ts'
import type { CloudOptions } from '../cloud/index.ts'
import { createRandom, type ImageBehaviour, type Random } from '../world/index.ts'

/** What a person does to a rollout, or to the fleet behind its back. */
export interface Meddling {
  readonly atMs: number
  readonly kind: 'pause' | 'abort' | 'rollback' | 'promote' | 'resize' | 'set-weights' | 'delete-candidate' | 'delete-stable'
}

/** One run of the simulator, drawn from its seed. */
export interface Scenario {
  readonly seed: number
  readonly size: number
  readonly groups: FleetSpec['groups']
  readonly strategyName: 'blue-green' | 'canary' | 'rolling'
  readonly strategy: Strategy
  readonly floor: `${number}%`
  readonly behaviour: ImageBehaviour
  readonly cloud: Omit<CloudOptions, 'fleets'>
  readonly bootMs: readonly [number, number]
  /** Chance that a controller dies at a call. */
  readonly deaths: number
  readonly controllers: number
  readonly storeFaults: number
  readonly clockJumps: boolean
  /** Faults end this long after the start. */
  readonly faultsMs: number
  readonly meddling: readonly Meddling[]
  /** Demand as a share of what the size serves, over time since the start; only with an autoscaler. */
  readonly demand: (sinceMs: number) => number
}

/** A fleet is given this long to come up before anything happens to it. */
export const SETTLING_MS = 300_000

/** Draws a run. The same seed gives the same run. */
export function drawScenario(seed: number): Scenario {
  const random = createRandom(seed, 'scenario')
  const size = pick(random, [1, 2, 3, 3, 4, 6, 6, 10])
  const weighted = random.chance(0.6)
  const routed = weighted || random.chance(0.6)
  const placed = weighted || random.chance(0.5) ? clone({ adopt: 'web' }) : inPlace('web')
  const calm = random.chance(0.15)
  const settleMs = pick(random, [0, 0, 4_000, 30_000])
  const autoscaled = random.chance(0.3)
  const units = pick(random, [100, 1_000])
  const strategyName = weighted
    ? pick(random, ['blue-green', 'canary', 'rolling'] as const)
    : pick(random, ['canary', 'rolling'] as const)
  return {
    seed,
    size,
    groups: placed,
    strategyName,
    strategy: drawStrategy(strategyName, random),
    floor: pick(random, ['100%', '100%', '80%', '50%'] as const),
    behaviour: drawBehaviour(random),
    cloud: {
      router: routed
        ? {
            weights: weighted,
            units,
            propagationMs: pick(random, [0, 5_000]),
            drainMs: pick(random, [
              [0, 0],
              [1_000, 20_000],
            ] as const),
          }
        : false,
      conditional: random.chance(0.5),
      handles: random.chance(0.3),
      settleMs,
      lateCallHorizonMs: 60_000,
      latencyMs: pick(random, [
        [0, 0],
        [10, 500],
      ] as const),
      terminateMs: pick(random, [
        [0, 0],
        [1_000, 30_000],
      ] as const),
      ...(autoscaled ? { autoscaler: { periodMs: 60_000, recommends: random.chance(0.5) } } : {}),
      ...(calm ? {} : { faults: { swarm: true, afterMs: SETTLING_MS } }),
    },
    bootMs: [20_000, 60_000],
    deaths: calm ? 0 : pick(random, [0, 0.005, 0.02]),
    controllers: calm ? 1 : pick(random, [1, 1, 2]),
    storeFaults: calm ? 0 : pick(random, [0, 0, 0.02]),
    clockJumps: !calm && random.chance(0.2),
    faultsMs: random.whole(300_000, 2_400_000),
    meddling: calm ? [] : drawMeddling(random, weighted),
    demand: autoscaled ? drawDemand(random) : () => 1,
  }
}

function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return random.pick(items) ?? items[0]
}

function drawStrategy(name: Scenario['strategyName'], random: Random): Strategy {
  const bake = pick(random, ['30s', '2m', '10m'] as const)
  const analysis = {
    metrics: [{ source: 'world', query: 'error-rate', must: { op: '<', value: 0.05 } }],
    interval: '30s',
    count: 2,
  } as const
  const judged = random.chance(0.5) ? { analysis } : {}
  const verified = random.chance(0.3) ? { verify: ['answers'] as const } : {}
  const maxSurge = pick<Count>(random, [0, 1, 2, '25%'])
  const budget = { maxSurge, maxUnavailable: maxSurge === 0 ? 1 : pick(random, [0, 0, 1]) }
  switch (name) {
    case 'blue-green':
      return blueGreen({ bake, ...judged, ...verified })
    case 'canary':
      return canary({ weights: pick(random, [[5, 25, 50], [10], [50], [1, 99]]), bake, ...budget, ...judged, ...verified })
    case 'rolling':
      return rolling({ ...budget, soak: pick(random, ['0s', '30s'] as const), ...verified })
  }
}

function drawBehaviour(random: Random): ImageBehaviour {
  if (random.chance(0.65)) return { kind: 'good' }
  return pick<ImageBehaviour>(random, [
    { kind: 'never-healthy' },
    { kind: 'boot-loop' },
    { kind: 'dies-under-traffic', afterMs: 20_000 },
    { kind: 'errors-under-traffic', share: 0.5 },
  ])
}

function drawMeddling(random: Random, weighted: boolean): Meddling[] {
  if (random.chance(0.55)) return []
  const atMs = random.whole(10_000, 1_200_000)
  const kinds: [Meddling['kind'], ...Meddling['kind'][]] = [
    'pause',
    'abort',
    'rollback',
    'promote',
    'resize',
    'delete-candidate',
    'delete-stable',
  ]
  return [{ atMs, kind: pick(random, weighted ? [...kinds, 'set-weights'] : kinds) }]
}

/** Flat, rising to three times as much at some moment, or falling. */
function drawDemand(random: Random): (sinceMs: number) => number {
  const turnsMs = random.whole(60_000, 1_200_000)
  const factor = pick(random, [1, 1.5, 3, 0.5])
  return (sinceMs) => (sinceMs < turnsMs ? 1 : factor)
}
