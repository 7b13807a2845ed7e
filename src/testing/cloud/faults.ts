import type { Random, Timer, World } from '../world/index.ts'

/** Which faults there are, and how often. */
export interface FaultOptions {
  /** Numbers of the faults that may happen. @default - all of {@link FAULTS} */
  readonly kinds?: readonly number[]
  /** Whether each kind is wholly off with a chance of one half, drawn from the seed. @default false */
  readonly swarm?: boolean
  /** Chance at each occasion, by number; for the faults of the world: each time `everyMs` has passed. @default - a few percent */
  readonly rates?: Readonly<Record<number, number>>
  /** Nothing goes wrong before this much of the world's time has passed. @default 0 */
  readonly afterMs?: number
  /** How often it is drawn whether something happens to the world. @default 60000 */
  readonly everyMs?: number
}

/** The faults of a cloud and its world, by number. */
export const FAULTS: Readonly<Record<number, string>> = {
  1: 'a call is throttled',
  2: 'a call fails, or gets no answer, and never lands',
  3: 'the answer is lost, and the call lands',
  4: 'the answer is lost, and the call lands late, or twice',
  5: 'a read is stale',
  6: 'a read is older than the one before it',
  7: 'a page of a look fails',
  8: 'an instance dies',
  9: 'an instance never becomes healthy',
  10: 'capacity runs short',
  11: 'a group is created in part',
  12: 'the quota is exceeded',
  13: 'the autoscaler changes a size while a rollout holds the fleet',
  14: "the autoscaler wants to scale in a rollout's group",
  15: 'a person edits a group or weights',
  16: 'a person deletes a group',
  25: 'the metric source is down',
  26: 'the metric source gives no number, or one of another time',
  27: 'health flaps, the router cannot tell, or draining is stuck',
  28: 'a zone fails',
  29: 'an instance is taken back, with notice',
  30: 'the image of a new group is withdrawn',
  31: 'the image of an old group is withdrawn',
  32: 'credentials expire',
  34: 'a weight change is accepted and ignored',
  37: 'capacity runs short for what a rollout launches',
  39: 'deletion is blocked',
  40: 'a change is silently reverted',
}

/** Chance at each occasion. */
const RATES: Readonly<Record<number, number>> = Object.fromEntries([
  ...[1, 2, 3, 4, 8, 9, 29].map((fault) => [fault, 0.03]),
  ...[7, 12, 15, 28, 31, 32].map((fault) => [fault, 0.01]),
  ...[10, 30, 37].map((fault) => [fault, 0.02]),
  ...[27, 40].map((fault) => [fault, 0.05]),
  ...[11, 25, 26, 34, 39].map((fault) => [fault, 0.1]),
  ...[6, 13, 14].map((fault) => [fault, 1]),
  [5, 0.3],
  [16, 0.002],
])

/** The faults of one run: what happened, and an end to all of it. */
export interface Faults {
  /** How often each has happened. */
  readonly drawn: Readonly<Record<number, number>>
  /** Those that may happen in this run. */
  readonly kinds: ReadonlySet<number>
  readonly stopped: boolean
  /** Ends all of them, and what they did heals. Calls whose answer was lost may still land until their horizon. */
  stop(): void
}

/** The plan by which faults happen. */
export class FaultPlan implements Faults {
  readonly drawn: Record<number, number> = {}
  readonly kinds: ReadonlySet<number>
  readonly everyMs: number
  readonly #world: World
  readonly #rates: Readonly<Record<number, number>>
  readonly #streams = new Map<number, Random>()
  readonly #beginsAt: number
  readonly #open = new Map<number, { readonly close: () => void; readonly timer: Timer }>()
  #stopped = false

  constructor(world: World, options: FaultOptions | undefined) {
    this.#world = world
    this.#rates = { ...RATES, ...options?.rates }
    this.#beginsAt = world.now + (options?.afterMs ?? 0)
    this.everyMs = options?.everyMs ?? 60_000
    const swarm = world.random('swarm')
    const all = options === undefined ? [] : (options.kinds ?? Object.keys(FAULTS).map(Number))
    this.kinds = new Set(options?.swarm === true ? all.filter(() => swarm.chance(0.5)) : all)
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** Whether a fault may happen at all now. */
  may(fault: number): boolean {
    return !this.#stopped && this.kinds.has(fault) && this.#world.now >= this.#beginsAt
  }

  /** Draws whether a fault happens at this occasion, and counts it if it does. */
  happens(fault: number): boolean {
    if (!this.draws(fault)) return false
    this.count(fault)
    return true
  }

  /** Draws whether a fault shall happen; whoever asks counts it when it has. */
  draws(fault: number): boolean {
    return this.may(fault) && this.chance(fault).chance(this.#rates[fault] ?? 0)
  }

  count(fault: number): void {
    this.drawn[fault] = (this.drawn[fault] ?? 0) + 1
  }

  /** A fault's own stream of chance. */
  chance(fault: number): Random {
    let stream = this.#streams.get(fault)
    if (stream === undefined) this.#streams.set(fault, (stream = this.#world.random(`fault/${fault}`)))
    return stream
  }

  /** Lets a fault last for a while; what it did is undone by `close`. One that lasts already is left as it is. */
  open(fault: number, forMs: number, close: () => void = () => {}): void {
    if (this.#open.has(fault)) return close()
    const timer = this.#world.schedule(this.#world.now + forMs, () => this.#end(fault))
    this.#open.set(fault, { close, timer })
  }

  isOpen(fault: number): boolean {
    return this.#open.has(fault)
  }

  stop(): void {
    this.#stopped = true
    for (const fault of this.#open.keys()) this.#end(fault)
  }

  #end(fault: number): void {
    const lasting = this.#open.get(fault)
    if (lasting === undefined) return
    this.#open.delete(fault)
    lasting.timer.cancel()
    this.#world.because({ kind: 'fault', name: 'over', fault }, lasting.close)
  }
}
