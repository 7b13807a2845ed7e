import type { RolloutEvent } from '../../core/events.ts'
import type { JsonObject } from '../../core/json.ts'
import type { FleetProvider, RolloutStore, TrafficRouter } from '../../core/ports.ts'
import { memoryStore } from '../../stores/memory.ts'
import { createCloud, type Cloud } from '../cloud/index.ts'
import { createWorld, type World } from '../world/index.ts'
import type { CallSeen } from './checkers/index.ts'
import type { Fate } from './mortal.ts'
import { startProcess, type SimulatedProcess } from './process.ts'
import { SETTLING_MS, type Scenario } from './scenario.ts'
import { faultyStore } from './store-faults.ts'

/** Everything of one run. */
export interface Stage {
  readonly scenario: Scenario
  readonly world: World
  readonly cloud: Cloud
  readonly store: RolloutStore
  readonly journal: RolloutEvent[]
  readonly calls: CallSeen[]
  readonly storeFaults: { readonly drawn: Record<number, number>; stop(): void }
  readonly counts: { turns: number; crashes: number; processes: number; turnAt: number; turnsNow: number }
  calm: boolean
}

/** Sets the stage of a drawn run: a world, a cloud on it, a store, and books of what is stored and called. */
export function setStage(scenario: Scenario): Stage {
  const { seed, size } = scenario
  let startAt = Infinity
  const world = createWorld({ seed, bootMs: scenario.bootMs, demand: (at) => size * 0.95 * scenario.demand(at - startAt) })
  startAt = world.now + SETTLING_MS
  world.images.publish('img-1', { kind: 'good' })
  world.images.publish('img-2', scenario.behaviour)
  const fleets = [{ groups: [{ id: 'web', image: 'img-1', size }] }, { groups: [{ id: 'other', image: 'img-1', size: 2 }] }]
  const cloud = createCloud(world, { ...scenario.cloud, fleets })
  const journal: RolloutEvent[] = []
  const { store, faults } = faultyStore(
    recording(memoryStore({ now: () => world.now, id: 'memory' }), journal),
    world.random('store'),
    scenario.storeFaults,
  )
  return {
    scenario,
    world,
    cloud,
    store,
    journal,
    calls: [],
    storeFaults: faults,
    counts: { turns: 0, crashes: 0, processes: 0, turnAt: 0, turnsNow: 0 },
    calm: false,
  }
}

/** A store that shows every event as it becomes durable. */
function recording(store: RolloutStore, journal: RolloutEvent[]): RolloutStore {
  return {
    ...store,
    async append(stream: string, atSeq: number, entries: readonly JsonObject[]) {
      const result = await store.append(stream, atSeq, entries)
      if (result === 'appended' && stream.startsWith('fleet/'))
        for (const entry of entries) note(journal, entry['event'] as unknown as RolloutEvent)
      return result
    },
  }
}

/** Only the first rollout is watched: a person may send a fleet back by another one, which nobody drives here. */
function note(journal: RolloutEvent[], event: RolloutEvent): void {
  if (journal[0] === undefined || journal[0].rolloutId === event.rolloutId) journal.push(event)
}

/** Starts a process; the ports it sees note every mutating call. */
export function spawn(stage: Stage, name: string, fate: Fate): SimulatedProcess {
  const { scenario, world, cloud } = stage
  return startProcess({
    world,
    name: `${name}.${++stage.counts.processes}`,
    random: world.random(`process/${stage.counts.processes}`),
    fate,
    onDeath: () => void stage.counts.crashes++,
    store: stage.store,
    provider: noting<FleetProvider>(stage, cloud.provider, ['ensureGroup', 'resize', 'remove', 'hold', 'release', 'retire']),
    router:
      cloud.router === undefined
        ? undefined
        : noting<TrafficRouter>(stage, cloud.router, ['prepare', 'join', 'setWeights', 'leave', 'release']),
    metrics: cloud.metrics,
    checks: cloud.checks,
    fleet: { groups: scenario.groups, floor: scenario.floor },
    lookInterval: 10_000,
  })
}

function noting<Port extends object>({ world, calls }: Stage, port: Port, names: readonly string[]): Port {
  const noted = { ...port } as Record<string, unknown>
  for (const name of names) {
    const call = (port as Record<string, unknown>)[name] as (...given: unknown[]) => Promise<unknown>
    noted[name] = (...given: unknown[]) => {
      calls.push({ at: world.now, name, token: (given.at(-1) as { token: string }).token, given })
      return call(...given)
    }
  }
  return noted as Port
}
