import type { RolloutEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import { groupsNamed } from '../../core/placement.ts'
import type { FleetProvider, Placement, RolloutStore, TrafficRouter } from '../../core/ports.ts'
import { memoryStore } from '../../stores/memory.ts'
import type { FleetSetUp } from '../cloud/index.ts'
import { createWorld, type World } from '../world/index.ts'
import { faultyChecks, type FaultyChecks } from './check-faults.ts'
import type { CallSeen } from './checkers/index.ts'
import { createClocks, type Clocks } from './clocks.ts'
import type { Fate, Life } from './mortal.ts'
import type { PlayedCloud, Playground, Ports } from './playground.ts'
import { startProcess, type SimulatedProcess } from './process.ts'
import type { Model, Scenario, SimulatedSpec } from './model.ts'
import { SETTLING_MS } from './scenario.ts'
import { faultyStore, type StoreFaults } from './store-faults.ts'

/** What was stored and called since the store was new. */
export interface Book {
  readonly journal: RolloutEvent[]
  /** The world's moment at which each event of the journal was stored. */
  readonly storedAt: number[]
  readonly calls: CallSeen[]
  /** Whether the rollout was followed by another of the same fleet. */
  followed: boolean
}

/** Everything of one run. */
export interface Stage {
  readonly spec: SimulatedSpec
  readonly model: Model
  readonly world: World
  readonly playground: Playground
  readonly cloud: PlayedCloud
  readonly store: RolloutStore
  readonly storeFaults: StoreFaults
  readonly checks: FaultyChecks
  readonly clocks: Clocks
  readonly counts: {
    turns: number
    crashes: number
    freezes: number
    processes: number
    turnAt: number
    turnsNow: number
    /** Faults that people are the cause of, by number. */
    readonly faults: Record<number, number>
  }
  book: Book
  /** The rollout that controllers drive; `undefined` while a lost store has not been made up for. */
  rolloutId: string | undefined
  calm: boolean
  /** It has ended, and nobody does anything more to it. */
  over: boolean
  /** Whether what a lost store left behind was swept. */
  swept: boolean
  /** What those who play people saw that must never be. */
  readonly complaints: { readonly invariant: string; readonly what: string }[]
  /** Forgets everything that was stored. */
  loseStore(): void
}

/** Groups that nobody may touch: one that somebody keeps in the fleet that is rolled, and one of another fleet. */
export const BYSTANDERS = ['beside', 'other'] as const

/** Time between two looks of a simulated process. */
export const LOOK_MS = 10_000

/** Sets the stage of a run: a world, a cloud on it, a store, and a book of what is stored and called. */
export async function setStage({ spec, model }: Scenario, playground: Playground): Promise<Stage> {
  const { seed, trouble } = model
  let startAt = Infinity
  const world = createWorld({ seed, bootMs: model.bootMs, demand: (at) => spec.size * 0.95 * model.demand(at - startAt) })
  startAt = world.now + SETTLING_MS
  const [image, next] = playground.images
  world.images.publish(image, { kind: 'good' })
  world.images.publish(next, model.behaviour)
  const cloud = await playground.open(world, { ...model.cloud, fleets: fleetsOf(spec, image) })
  const clocks = createClocks(world, trouble.clockJumps, startAt + trouble.lastsMs)
  const newStore = () => memoryStore({ now: () => Math.floor(world.now + clocks.storeSkewMs()), id: `memory ${++stores}` })
  let stores = 0
  let kept = newStore()
  const { store, faults } = faultyStore(
    recording(
      () => kept,
      () => stage,
    ),
    world,
    trouble,
  )
  const stage: Stage = {
    spec,
    model,
    world,
    playground,
    cloud,
    store,
    storeFaults: faults,
    checks: faultyChecks(world, cloud.checks, trouble.hooks),
    clocks,
    counts: { turns: 0, crashes: 0, freezes: 0, processes: 0, turnAt: 0, turnsNow: 0, faults: {} },
    book: newBook(),
    rolloutId: undefined,
    calm: false,
    over: false,
    swept: false,
    complaints: [],
    loseStore() {
      kept = newStore()
      stage.book = newBook()
    },
  }
  return stage
}

/** The fleet that is rolled, and another one. */
function fleetsOf({ bystander, groups, size }: SimulatedSpec, image: string): readonly FleetSetUp[] {
  const [first, spare] = groupsNamed(groups)
  const beside = bystander === true ? [{ id: BYSTANDERS[0], image, size: 1 }] : []
  return [
    { groups: [{ id: first, image, size }, ...beside], ...(spare === undefined ? {} : { spare }) },
    { groups: [{ id: BYSTANDERS[1], image, size: 2 }] },
  ]
}

function newBook(): Book {
  return { journal: [], storedAt: [], calls: [], followed: false }
}

/** The store as it is now, and a book of every event as it becomes durable. */
function recording(kept: () => RolloutStore, stage: () => Stage): RolloutStore {
  return {
    contract: 1,
    kind: 'memory',
    get id() {
      return kept().id
    },
    async append(stream: string, atSeq: number, entries: readonly JsonObject[]) {
      const result = await kept().append(stream, atSeq, entries)
      if (result === 'appended' && stream.startsWith('fleet/'))
        for (const entry of entries) note(stage(), entry['event'] as unknown as RolloutEvent)
      return result
    },
    read: (...given) => kept().read(...given),
    list: (...given) => kept().list(...given),
    now: () => kept().now(),
    get: (...given) => kept().get(...given),
    compareAndSet: (...given) => kept().compareAndSet(...given),
    close: () => kept().close(),
  }
}

/** Only the first rollout is watched: a person may send a fleet back by another one, which nobody drives here. */
function note({ book, world }: Stage, event: RolloutEvent): void {
  const { journal, storedAt } = book
  if (journal[0] !== undefined && journal[0].rolloutId !== event.rolloutId) return void (book.followed = true)
  journal.push(event)
  storedAt.push(world.now)
}

/** Starts a process; the ports it sees note every mutating call. It declares the fleet as the spec does, unless it is told otherwise. */
export function spawn(stage: Stage, name: string, fate: Fate, groups: Placement = stage.spec.groups): SimulatedProcess {
  const { spec, world, cloud, clocks } = stage
  const reader: Reader = { blind: false, groupsAt: world.now, routesAt: world.now }
  return startProcess({
    world,
    name: `${name}.${++stage.counts.processes}`,
    random: world.random(`process/${stage.counts.processes}`),
    fate: counted(stage, fate),
    onDeath: () => void stage.counts.crashes++,
    store: reading(stage.store, reader),
    ports: (life) => noticed(stage, reader, life),
    metrics: cloud.metrics,
    checks: stage.checks.checks,
    fleet: { groups, floor: spec.floor, ...(spec.drain === undefined ? {} : { drain: spec.drain }) },
    lookInterval: LOOK_MS,
    skewMs: clocks.ownSkewMs,
  })
}

/** The ports of a process, each look and each change of which is noted. */
function noticed(stage: Stage, reader: Reader, life: Life): Ports {
  const { world, cloud } = stage
  const { provider, router } = cloud.ports(life)
  const noted = <Port extends object>(port: Port, names: readonly string[]) => noting(stage, reader, port, names)
  return {
    provider: describing(
      {
        ...noted<FleetProvider>(provider, ['ensureGroup', 'resize', 'remove', 'hold', 'release', 'retire']),
        ...(provider.updater === undefined ? {} : { updater: noted(provider.updater, ['start', 'stop']) }),
      },
      () => void (reader.groupsAt = world.now),
    ),
    router:
      router === undefined
        ? undefined
        : looking(
            noted<TrafficRouter>(router, ['prepare', 'join', 'setWeights', 'leave', 'release']),
            () => void (reader.routesAt = world.now),
          ),
  }
}

function counted({ counts }: Stage, fate: Fate): Fate {
  return {
    ...fate,
    freezesMs(name) {
      const ms = fate.freezesMs?.(name) ?? 0
      if (ms > 0) counts.freezes++
      return ms
    },
  }
}

/** What a process has read, and when: whoever was handed a damaged journal must not act any more. */
interface Reader {
  blind: boolean
  groupsAt: number
  routesAt: number
}

function describing(provider: FleetProvider, onLook: () => void): FleetProvider {
  return {
    ...provider,
    describe(...given) {
      onLook()
      return provider.describe(...given)
    },
  }
}

function looking(router: TrafficRouter, onLook: () => void): TrafficRouter {
  return {
    ...router,
    look(...given) {
      onLook()
      return router.look(...given)
    },
  }
}

function reading(store: RolloutStore, reader: Reader): RolloutStore {
  return {
    ...store,
    get id() {
      return store.id
    },
    read: (stream, fromSeq) => (stream.startsWith('fleet/') ? readJournal(stream, fromSeq) : store.read(stream, fromSeq)),
  }

  async function readJournal(stream: string, fromSeq: number): Promise<readonly JsonObject[]> {
    const entries = await store.read(stream, fromSeq)
    const event = entries.at(-1)?.['event'] as JsonObject | null | undefined
    if (event === null || event?.['v'] === 99) reader.blind = true
    return entries
  }
}

function noting<Port extends object>(stage: Stage, reader: Reader, port: Port, names: readonly string[]): Port {
  const noted = { ...port } as Record<string, unknown>
  for (const name of names) {
    const call = (port as Record<string, unknown>)[name] as (...given: unknown[]) => Promise<unknown>
    noted[name] = (...given: unknown[]) => {
      const { token } = given.at(-1) as { token: string }
      const lookedAt = Math.min(reader.groupsAt, stage.model.cloud.router === false ? Infinity : reader.routesAt)
      stage.book.calls.push({ at: stage.world.now, name, token, given, blind: reader.blind, lookedAt })
      return call(...given)
    }
  }
  return noted as Port
}
