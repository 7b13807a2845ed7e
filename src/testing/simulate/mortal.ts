import { callFailed } from '../../core/errors.ts'
import type { Random } from '../world/index.ts'

/** The life of one controller process. A dead one gets no answer to anything, for ever. */
export interface Life {
  readonly alive: boolean
  /** Makes a call as this process: it may die before or after it, or never get the answer. */
  around<T>(name: string, body: () => Promise<T>): Promise<T>
}

/** What becomes of a process and of the answers it waits for. */
export interface Fate {
  /** Asked before and after every call. */
  dies(name: string, moment: 'before' | 'after'): boolean
  /** Whether the answer to a call that was carried out is lost. @default - never */
  loses?(name: string): boolean
}

/** A process to which nothing happens. */
export const UNHARMED: Fate = { dies: () => false }

/** Death by chance, the same for the same stream. */
export function randomFate(random: Random, chance: number): Fate {
  return { dies: () => chance > 0 && random.chance(chance / 2) }
}

/** A process that dies when its fate says so. */
export function createLife(fate: Fate, onDeath: () => void): Life {
  let alive = true
  const die = () => {
    alive = false
    onDeath()
  }
  return {
    get alive() {
      return alive
    },
    async around<T>(name: string, body: () => Promise<T>): Promise<T> {
      if (!alive) return await NEVER
      if (fate.dies(name, 'before')) die()
      if (!alive) return await NEVER
      const settled = await body().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      )
      if (alive && fate.dies(name, 'after')) die()
      if (!alive) return await NEVER
      if ('error' in settled) throw settled.error
      return fate.loses?.(name) === true ? (lost(name) as T) : settled.value
    },
  }
}

const NEVER = new Promise<never>(() => undefined)

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
