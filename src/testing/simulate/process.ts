import type { MetricSource } from '../../core/metric-source.ts'
import type { Clock, RolloutStore } from '../../core/ports.ts'
import type { FleetSpec } from '../../core/fleet-spec.ts'
import { createImago, type Imago } from '../../engine/imago.ts'
import type { Check } from '../../engine/runtime.ts'
import { worldSystem } from '../system.ts'
import { worldClock, type Random, type World } from '../world/index.ts'
import { createLife, through, type Fate, type Life } from './mortal.ts'
import type { Ports } from './playground.ts'

/** What a simulated process is given: the same code that a real one runs, with everything around it simulated. */
export interface ProcessSetUp {
  readonly world: World
  readonly name: string
  readonly random: Random
  readonly fate: Fate
  readonly onDeath: () => void
  readonly store: RolloutStore
  readonly ports: (life: Life) => Ports
  readonly metrics: MetricSource
  readonly checks: Readonly<Record<string, Check>>
  readonly fleet: Pick<FleetSpec, 'groups' | 'floor' | 'drain'>
  readonly lookInterval: number
  /** How far the process's wall clock is ahead of the world. */
  readonly skewMs: () => number
}

/** One process with an imago in it. */
export interface SimulatedProcess {
  readonly imago: Imago
  readonly fleet: ReturnType<Imago['fleet']>
  readonly life: Life
}

/** Starts a process of the simulated world. */
export function startProcess(setUp: ProcessSetUp): SimulatedProcess {
  const { world, name, random } = setUp
  const life = createLife(world, setUp.fate, setUp.onDeath)
  const ports = setUp.ports(life)
  const router = ports.router === undefined ? undefined : through(ports.router, life)
  const { updater } = ports.provider
  const provider = { ...through(ports.provider, life), ...(updater === undefined ? {} : { updater: through(updater, life) }) }
  const imago = createImago({
    store: through(setUp.store, life),
    providers: { cloud: provider },
    metrics: { world: through(setUp.metrics, life) },
    checks: setUp.checks,
    lookInterval: setUp.lookInterval,
    system: worldSystem(world, name, { clock: stillClock(worldClock(world, setUp.skewMs), life), random }),
  })
  const spec: FleetSpec<'cloud'> = {
    provider: 'cloud',
    ...setUp.fleet,
    ...(router === undefined ? {} : { traffic: router }),
  }
  const fleet = imago.fleet('web', spec)
  return { imago, fleet, life }
}

/** The timers of a process that stands still ring when it moves again. */
function stillClock(clock: Clock, life: Life): Clock {
  return {
    ...clock,
    async sleep(ms, signal) {
      await clock.sleep(ms, signal)
      if (life.frozen) await life.thaw()
    },
  }
}
