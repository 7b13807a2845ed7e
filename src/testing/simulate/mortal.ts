import { callFailed } from '../../core/errors.ts'
import type { Random, World } from '../world/index.ts'

/** The life of one controller process. A dead one gets no answer to anything, for ever; a frozen one stands still for a while. */
export interface Life {
  /** Fulfilled when it dies. */
  readonly death: Promise<undefined>
  /** Makes a call as this process: it may die before or after it, stand still after it, or never get the answer. */
  around<T>(name: string, body: () => Promise<T>): Promise<T>
  /** Whether the process stands still now. */
  readonly frozen: boolean
  /** Waits until the process moves again. */
  thaw(): Promise<void>
}

/** What becomes of a process and of the answers it waits for. */
export interface Fate {
  /** Asked before and after every call. */
  dies(name: string, moment: 'before' | 'after'): boolean
  /** How long the process stands still once a call was answered, ms. @default - not at all */
  freezesMs?(name: string): number
  /** Whether the answer to a call that was carried out is lost. @default - never */
  loses?(name: string): boolean
}

/** A process to which nothing happens. */
export const UNHARMED: Fate = { dies: () => false }

/** Longer than any call may take, and than a lease lasts. */
const SHORTEST_FREEZE_MS = 40_000
const LONGEST_FREEZE_MS = 240_000

/** Death and standstill by chance, the same for the same stream. */
export function randomFate(random: Random, chances: { readonly deaths: number; readonly freezes: number }): Fate {
  const strikes = (chance: number) => chance > 0 && random.chance(chance)
  return {
    dies: () => strikes(chances.deaths / 2),
    freezesMs: () => (strikes(chances.freezes) ? random.whole(SHORTEST_FREEZE_MS, LONGEST_FREEZE_MS) : 0),
  }
}

/** A process that dies, or stands still, when its fate says so. */
export function createLife(world: World, fate: Fate, onDeath: () => void): Life {
  let alive = true
  let frozenUntil = 0
  const death = Promise.withResolvers<undefined>()
  const die = () => {
    alive = false
    onDeath()
    death.resolve(undefined)
  }
  const isFrozen = () => world.now < frozenUntil
  const thaw = async () => {
    while (isFrozen()) await world.clock.sleep(frozenUntil - world.now)
  }
  /** Timers that were due ring before answers are made use of. */
  const goOn = async () => {
    await thaw()
    await world.clock.sleep(0)
  }
  return {
    death: death.promise,
    get frozen() {
      return isFrozen()
    },
    thaw,
    async around<T>(name: string, body: () => Promise<T>): Promise<T> {
      if (isFrozen()) await goOn()
      if (alive && fate.dies(name, 'before')) die()
      if (!alive) return await never()
      let answer: { readonly value: T } | { readonly error: unknown }
      try {
        answer = { value: await body() }
      } catch (error) {
        answer = { error }
      }
      if (alive && fate.dies(name, 'after')) die()
      if (!alive) return await never()
      const freezeMs = fate.freezesMs?.(name) ?? 0
      if (freezeMs > 0) {
        frozenUntil = world.now + freezeMs
        await goOn()
      }
      if ('error' in answer) throw answer.error
      return fate.loses?.(name) === true ? (lost(name) as T) : answer.value
    },
  }
}

/** Another for whoever waits: one for all would remember every process that ever died, with all its world. */
function never(): Promise<never> {
  return new Promise(() => undefined)
}

/** The store says that it does not know; a cloud's client only knows that no answer came. */
function lost(name: string): 'unknown' {
  if (name === 'append' || name === 'compareAndSet') return 'unknown'
  throw callFailed('unknown', name, `The answer to ${name} was lost; it may still take effect.`)
}

/** A port whose every method is called as a process; what is no function stays. */
export function through<Port extends object>(port: Port, life: Life): Port {
  const wrapped: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(port))
    wrapped[name] =
      typeof member === 'function'
        ? (...given: unknown[]) => life.around(name, () => (member as (...all: unknown[]) => Promise<unknown>)(...given))
        : member
  return wrapped as Port
}
