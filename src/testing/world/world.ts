import type { Clock } from '../../core/ports.ts'
import { worldClock } from './clock.ts'
import { createImages, type Images } from './images.ts'
import { Machines } from './machines.ts'
import { createQueue, type Timer } from './queue.ts'
import { createRandom, type Random } from './random.ts'
import type { Surroundings } from './timeline.ts'
import { Recorder, type Cause, type Trace } from './trace.ts'

/** What a world is made of. */
export interface WorldOptions {
  /** The same seed gives the same world, to the last event. */
  readonly seed: number
  /** Epoch milliseconds at which it begins. @default 2030-01-01T00:00:00Z */
  readonly beginsAt?: number
  /** @default ['a', 'b', 'c'] */
  readonly zones?: readonly string[]
  /** Shortest and longest time a machine boots. @default [20000, 60000] */
  readonly bootMs?: readonly [number, number]
  /** Instances' worth of load at a moment. @default - none */
  readonly demand?: (at: number) => number
  /** How many of the latest changes are remembered. @default 2000 */
  readonly traceLength?: number
}

const BEGINS_AT = Date.UTC(2030, 0, 1)
const ON_ITS_OWN: Cause = { kind: 'time', name: '' }

/** Machines, images, zones, load and time: what clouds are built on. It knows nothing of any port. */
export class World implements Surroundings {
  readonly seed: number
  readonly beganAt: number
  readonly zones: readonly string[]
  readonly images: Images
  readonly machines: Machines
  /** Time without skew. */
  readonly clock: Clock
  readonly #queue = createQueue()
  readonly #observers = new Set<(world: World) => void>()
  readonly #recorder: Recorder
  readonly #demand: (at: number) => number
  #now: number
  #version = 0
  #cause: Cause = ON_ITS_OWN
  #depth = 0

  constructor(options: WorldOptions) {
    const { seed, beginsAt = BEGINS_AT, zones = ['a', 'b', 'c'], bootMs = [20_000, 60_000], traceLength = 2_000 } = options
    this.seed = seed
    this.zones = zones
    this.#now = beginsAt
    this.beganAt = beginsAt
    this.#demand = options.demand ?? (() => 0)
    this.#recorder = new Recorder(traceLength, beginsAt)
    this.clock = worldClock(this)
    this.images = createImages((what) => this.record(what))
    this.machines = new Machines(this, bootMs)
  }

  /** The present moment, epoch milliseconds. */
  get now(): number {
    return this.#now
  }

  /** Grows with every change of the truth. */
  get version(): number {
    return this.#version
  }

  /** What the changes of this moment are due to. */
  get cause(): Cause {
    return this.#cause
  }

  get trace(): Trace {
    return this.#recorder
  }

  /** Moment of the next event; `undefined` when nothing will happen any more. */
  get nextAt(): number | undefined {
    return this.#queue.peek()
  }

  /** Instances' worth of load now. */
  get demand(): number {
    return this.#demand(this.#now)
  }

  /** A stream of chance with a name of its own. */
  random(name: string): Random {
    return createRandom(this.seed, name)
  }

  /** Lets something happen at a moment, not before now. Its cause is the present one unless another is given. */
  schedule(at: number, run: () => void, cause: Cause = this.#cause): Timer {
    return this.#queue.push(Math.max(at, this.#now), cause === ON_ITS_OWN ? run : () => this.because(cause, run))
  }

  /** Goes to the next event and lets it happen. @returns false when there is none. */
  step(): boolean {
    const next = this.#queue.pop()
    if (next === undefined) return false
    this.#now = next.at
    this.#depth++
    try {
      next.run()
    } finally {
      this.#depth--
    }
    this.#tell()
    return true
  }

  /** Lets everything happen up to a moment, and goes there. */
  runUntil(at: number): void {
    for (let next = this.nextAt; next !== undefined && next <= at; next = this.nextAt) this.step()
    this.#now = Math.max(this.#now, at)
  }

  /** Changes the world for a reason; those who watch are told when it is done. */
  because<T>(cause: Cause, change: () => T): T {
    const before = this.#cause
    const version = this.#version
    this.#cause = cause
    this.#depth++
    try {
      return change()
    } finally {
      this.#cause = before
      this.#depth--
      if (this.#depth === 0 && this.#version !== version) this.#tell()
    }
  }

  /** Says what has changed just now. */
  record(what: string): void {
    this.#version++
    this.#recorder.add(this.#now, this.#cause, what)
  }

  /** Calls back after every event and every change between events, until the answer is called. */
  observe(observer: (world: World) => void): () => void {
    this.#observers.add(observer)
    return () => void this.#observers.delete(observer)
  }

  #tell(): void {
    for (const observer of this.#observers) observer(this)
  }
}

/** Makes a world. */
export function createWorld(options: WorldOptions): World {
  return new World(options)
}
