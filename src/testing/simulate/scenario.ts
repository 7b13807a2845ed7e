import type { Count } from '../../core/shape.ts'
import { clone, inPlace, slots, type DrainSpec } from '../../core/fleet-spec.ts'
import { blueGreen } from '../../strategies/blue-green.ts'
import { canary } from '../../strategies/canary.ts'
import { rolling, type RollingOptions } from '../../strategies/rolling.ts'
import type { Strategy } from '../../strategies/strategy.ts'
import { createRandom, type ImageBehaviour, type Random } from '../world/index.ts'
import { CALM, type Meddling, type Model, type Scenario, type SimulatedSpec, type Trouble } from './model.ts'

/** A fleet is given this long to come up before anything happens to it. */
export const SETTLING_MS = 300_000

/** What is drawn first, because much depends on it. */
interface Kind {
  readonly calm: boolean
  /** Whether the router has weights; `undefined`: there is no router. */
  readonly weighted: boolean | undefined
  readonly autoscaled: boolean
  /** By a chance of its own, like slots: whether each route has a preview, or one is moved to the route prepared last. */
  readonly preview: true | 'moved'
}

/** Draws a run. The same seed gives the same run. */
export function drawScenario(seed: number): Scenario {
  const random = createRandom(seed, 'scenario')
  const kind: Kind = {
    calm: random.chance(0.15),
    weighted: random.chance(0.6) ? true : random.chance(0.6) ? false : undefined,
    autoscaled: random.chance(0.3),
    preview: createRandom(seed, 'preview').chance(0.5) ? true : 'moved',
  }
  const spec = drawSpec(random, kind)
  // By a chance of its own: what was drawn before there were slots is drawn as it was.
  const joined = kind.weighted !== true || spec.strategy.name !== 'rolling'
  const slotted = spec.groups.kind === 'clone' && joined && createRandom(seed, 'slots').chance(0.25)
  const groups = slotted ? slots('web', 'web-b') : spec.groups
  const strategy = createRandom(seed, 'updater').chance(0.5) ? natively(spec) : spec.strategy
  const model = drawModel(seed, random, kind)
  const returns = slotted && !kind.calm && createRandom(seed, 'slots, and back').chance(0.6)
  return { spec: { ...spec, groups, strategy }, model: returns ? goesBackLate(model) : model }
}

/** Only who goes back to a slot that is emptied meets what may still land on it, and only where much lands late. */
function goesBackLate(model: Model): Model {
  const cloud = { ...model.cloud, faults: { ...model.cloud.faults, rates: { 4: 0.6 } } }
  return { ...model, cloud, trouble: { ...model.trouble, meddling: [{ atMs: 10_000, kind: 'rollback-late' }] } }
}

/** The same by the cloud's own updater, where one can do it. */
function natively({ groups, strategy, drain }: SimulatedSpec): Strategy {
  const can = groups.kind === 'in-place' && strategy.name === 'rolling' && drain === undefined
  return can ? rolling({ ...(strategy.options as RollingOptions<'answers'>), by: 'native' }) : strategy
}

function drawSpec(random: Random, { weighted }: Kind): SimulatedSpec {
  const byWeights = weighted === true
  const drain = drawDrain(random)
  const bystander = byWeights && random.chance(0.15)
  return {
    size: pick(random, [1, 2, 3, 3, 4, 6, 6, 10]),
    groups: byWeights || random.chance(0.5) ? clone({ adopt: 'web' }) : inPlace('web'),
    floor: pick(random, ['100%', '100%', '80%', '50%'] as const),
    strategy: drawStrategy(
      byWeights ? pick(random, ['blue-green', 'canary', 'rolling'] as const) : pick(random, ['canary', 'rolling'] as const),
      random,
    ),
    ...(drain === undefined ? {} : { drain }),
    ...(bystander ? { bystander } : {}),
  }
}

function drawModel(seed: number, random: Random, kind: Kind): Model {
  return {
    seed,
    behaviour: drawBehaviour(random),
    cloud: drawCloud(random, kind),
    bootMs: [20_000, 60_000],
    controllers: kind.calm ? 1 : pick(random, [1, 1, 2]),
    demand: kind.autoscaled ? drawDemand(random) : () => 1,
    trouble: kind.calm ? CALM : drawTrouble(random, kind),
  }
}

function drawCloud(random: Random, { calm, weighted, autoscaled, preview }: Kind): Model['cloud'] {
  return {
    router: weighted === undefined ? false : { ...drawRouter(random, weighted), preview },
    conditional: random.chance(0.5),
    handles: random.chance(0.3),
    settleMs: pick(random, [0, 0, 4_000, 30_000]),
    lateCallHorizonMs: 60_000,
    latencyMs: span(random, [10, 500]),
    terminateMs: span(random, [1_000, 30_000]),
    ...(autoscaled ? { autoscaler: { periodMs: 60_000, recommends: random.chance(0.5) } } : {}),
    ...(calm ? {} : { faults: { swarm: true, afterMs: SETTLING_MS } }),
  }
}

function drawRouter(random: Random, weights: boolean): Exclude<Model['cloud']['router'], false | undefined> {
  return {
    weights,
    units: pick(random, [100, 1_000, 10]),
    propagationMs: pick(random, [0, 5_000]),
    drainMs: span(random, [1_000, 20_000]),
  }
}

function drawTrouble(random: Random, { weighted }: Kind): Trouble {
  return {
    deaths: pick(random, [0, 0.005, 0.02]),
    freezes: pick(random, [0, 0, 0.005]),
    store: pick(random, [0, 0, 0.02]),
    damage: pick(random, [0, 0, 0, 0.005]),
    hooks: pick(random, [0, 0.1]),
    clockJumps: random.chance(0.2),
    ...(random.chance(0.03) ? { storeLostAtMs: random.whole(20_000, 900_000) } : {}),
    meddling: drawMeddling(random, weighted === true),
    lastsMs: random.whole(300_000, 2_400_000),
  }
}

function drawDrain(random: Random): DrainSpec | undefined {
  return random.chance(0.25) ? { hook: { check: 'drained' }, every: '10s', deadline: '2m' } : undefined
}

function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return random.pick(items) ?? items[0]
}

/** Nothing, or somewhere between. */
function span(random: Random, between: readonly [number, number]): readonly [number, number] {
  return random.chance(0.5) ? [0, 0] : between
}

function drawStrategy(name: 'blue-green' | 'canary' | 'rolling', random: Random): Strategy {
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
  if (random.chance(0.5)) return []
  const kinds: [Meddling['kind'], ...Meddling['kind'][]] = [
    'pause',
    'pause',
    'pause',
    'abort',
    'rollback',
    'rollback',
    'rollback-late',
    'promote',
    'resize',
    'delete-candidate',
    'delete-stable',
    'start-another',
  ]
  const one: Meddling = {
    atMs: random.whole(10_000, 1_200_000),
    kind: pick(random, weighted ? [...kinds, 'set-weights'] : kinds),
  }
  // What one goes back to may not be well either.
  if (one.kind !== 'rollback' || random.chance(0.3)) return [one]
  return [one, { atMs: one.atMs + random.whole(0, 60_000), kind: 'sicken-stable' }]
}

/** Flat, rising to three times as much at some moment, or falling. */
function drawDemand(random: Random): (sinceMs: number) => number {
  const turnsMs = random.whole(60_000, 1_200_000)
  const factor = pick(random, [1, 1.5, 3, 0.5])
  return (sinceMs) => (sinceMs < turnsMs ? 1 : factor)
}
