import type { ImageBehaviour } from './images.ts'
import type { Random } from './random.ts'
import type { Cause } from './trace.ts'
import type { Timer } from './queue.ts'
import type { Surroundings } from './timeline.ts'

/** One machine, as it really is. */
export interface Machine {
  readonly id: string
  readonly image: string
  readonly release: string
  readonly behaviour: ImageBehaviour
  readonly zone: string
  readonly launchedAt: number
  readonly bootMs: number
  readonly state: 'booting' | 'healthy' | 'unhealthy' | 'dead'
  /** What last changed its state. */
  readonly cause: Cause
  /** Why it is unhealthy or dead, in words. */
  readonly reason?: string
  /** Whether it gets requests. */
  readonly loaded: boolean
  readonly endedAt?: number
}

/** What shall be launched. */
export interface LaunchOrder {
  readonly owner: string
  /** @default - the owner's name and a number */
  readonly id?: string
  readonly image: string
  readonly release: string
  /** One of the world's zones. */
  readonly zone: string
  /** @default - what the image does */
  readonly behaviour?: ImageBehaviour
  /** Called after each change of its state. */
  readonly onChange: (machine: Machine) => void
}

/** Why nothing was launched. */
export interface Refusal {
  readonly refused: 'capacity' | 'image'
  readonly message: string
}

/** Says why an order cannot be carried out now; `undefined` when it can. */
export type Shortage = (order: LaunchOrder) => string | undefined

interface Living {
  machine: Mutable<Machine>
  readonly onChange: (machine: Machine) => void
  timer?: Timer
  flapping?: Timer
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** All machines of a world. */
export class Machines {
  /** Shortest and longest time that machines boot. */
  readonly bootMs: readonly [number, number]
  readonly #world: Surroundings
  readonly #random: Random
  readonly #living = new Map<string, Living>()
  readonly #known = new Map<string, Machine>()
  readonly #darkZones = new Set<string>()
  readonly #shortages = new Set<Shortage>()
  #count = 0

  constructor(world: Surroundings, bootMs: readonly [number, number]) {
    this.#world = world
    this.bootMs = bootMs
    this.#random = world.random('machines')
  }

  /** Those that are not dead. */
  get alive(): readonly Machine[] {
    return [...this.#living.values()].map((one) => one.machine)
  }

  /** How many were ever launched. */
  get launched(): number {
    return this.#count
  }

  /** A machine, dead ones included. */
  find(id: string): Machine | undefined {
    return this.#known.get(id)
  }

  /** Whether a zone works. */
  isLit(zone: string): boolean {
    return !this.#darkZones.has(zone)
  }

  /** Launches a machine, which boots for a while; or says why it cannot be. */
  launch(order: LaunchOrder): Machine | Refusal {
    const behaviour = order.behaviour ?? this.#world.images.find(order.image)
    if (behaviour === undefined || this.#world.images.find(order.image) === undefined)
      return { refused: 'image', message: `the image ${order.image} is not there any more` }
    if (this.#darkZones.has(order.zone)) return { refused: 'capacity', message: `the zone ${order.zone} is out of order` }
    for (const shortage of this.#shortages) {
      const message = shortage(order)
      if (message !== undefined) return { refused: 'capacity', message }
    }
    return this.#boot(order, behaviour)
  }

  /** From now on launches are refused where this says why, until the answer is called. */
  runShort(shortage: Shortage): () => void {
    this.#shortages.add(shortage)
    return () => void this.#shortages.delete(shortage)
  }

  /** Ends a machine: a crash, or because its owner wants so. One that is dead already stays as it is. */
  end(id: string, reason: string): void {
    const living = this.#living.get(id)
    if (living === undefined) return
    this.#living.delete(id)
    living.timer?.cancel()
    living.flapping?.cancel()
    living.machine.endedAt = this.#world.now
    living.machine.loaded = false
    this.#turn(living, 'dead', reason)
  }

  /** Makes a healthy machine unhealthy for a while. */
  flap(id: string, forMs: number): void {
    const living = this.#living.get(id)
    if (living?.machine.state !== 'healthy') return
    this.#turn(living, 'unhealthy', 'it does not answer for a while')
    living.flapping = this.#world.schedule(this.#world.now + forMs, () => {
      if (living.machine.state === 'unhealthy') this.#turn(living, 'healthy')
    })
  }

  /** Says whether a machine gets requests; some images cannot bear them. */
  load(id: string, loaded: boolean): void {
    const living = this.#living.get(id)
    if (living === undefined || living.machine.loaded === loaded) return
    living.machine.loaded = loaded
    const { behaviour } = living.machine
    if (behaviour.kind !== 'dies-under-traffic') return
    if (!loaded) living.timer?.cancel()
    else living.timer = this.#inTime(living, behaviour.afterMs, () => this.end(id, 'it broke down under traffic'))
  }

  /** A zone fails with all that is in it, and nothing can be launched there. */
  darken(zone: string): void {
    this.#darkZones.add(zone)
    this.#world.record(`zone ${zone} failed`)
    for (const { machine } of this.#living.values()) if (machine.zone === zone) this.end(machine.id, `its zone ${zone} failed`)
  }

  /** A failed zone can be used again. */
  relight(zone: string): void {
    if (this.#darkZones.delete(zone)) this.#world.record(`zone ${zone} works again`)
  }

  #boot(order: LaunchOrder, behaviour: ImageBehaviour): Machine {
    const { owner, image, release, zone, onChange } = order
    this.#count++
    const machine: Mutable<Machine> = {
      id: order.id ?? `${owner}-${String(this.#count).padStart(4, '0')}`,
      image,
      release,
      behaviour,
      zone,
      launchedAt: this.#world.now,
      bootMs: this.#random.whole(...this.bootMs),
      state: 'booting',
      cause: this.#world.cause,
      loaded: false,
    }
    const living: Living = { machine, onChange }
    this.#living.set(machine.id, living)
    this.#known.set(machine.id, machine)
    this.#world.record(`${machine.id} launched from ${release} in ${zone}`)
    this.#wakeUp(living)
    return machine
  }

  #wakeUp(living: Living): void {
    const { id, bootMs, behaviour } = living.machine
    if (behaviour.kind === 'boot-loop')
      living.timer = this.#inTime(living, bootMs / 2, () => this.end(id, 'it ended before it was ready'))
    else if (behaviour.kind === 'never-healthy')
      living.timer = this.#inTime(living, bootMs, () => this.#turn(living, 'unhealthy', 'it never answered'))
    else living.timer = this.#world.schedule(this.#world.now + bootMs, () => this.#turn(living, 'healthy'))
  }

  /** Something that the image does to its machine. */
  #inTime({ machine }: Living, ms: number, run: () => void): Timer {
    // A machine that was spoilt when it was launched has that as its cause, not its image.
    const spoilt = machine.cause.kind === 'fault' ? machine.cause : undefined
    return this.#world.schedule(this.#world.now + ms, run, spoilt ?? { kind: 'image', name: machine.image })
  }

  #turn({ machine, onChange }: Living, state: Machine['state'], reason?: string): void {
    machine.state = state
    machine.cause = this.#world.cause
    if (reason === undefined) delete machine.reason
    else machine.reason = reason
    this.#world.record(`${machine.id} ${state}${reason === undefined ? '' : `: ${reason}`}`)
    onChange(machine)
  }
}
