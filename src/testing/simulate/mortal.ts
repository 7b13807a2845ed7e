import type { Random } from '../world/index.ts'

/** The life of one controller process. A dead one gets no answer to anything, for ever. */
export interface Life {
  readonly alive: boolean
  /** Calls made so far. */
  readonly calls: number
  die(): void
}

/** When a process dies, and which answers are lost on their way. */
export interface Fate {
  /** Asked before and after every call. */
  diesAt(call: number, moment: 'before' | 'after'): boolean
}

/** A process that dies when its fate says so. */
export function createLife(
  fate: Fate,
  onDeath: () => void,
): Life & { readonly around: <T>(body: () => Promise<T>) => Promise<T> } {
  let alive = true
  let calls = 0
  const life = {
    get alive() {
      return alive
    },
    get calls() {
      return calls
    },
    die() {
      if (!alive) return
      alive = false
      onDeath()
    },
    async around<T>(body: () => Promise<T>): Promise<T> {
      if (!alive) return await NEVER
      const call = ++calls
      if (fate.diesAt(call, 'before')) life.die()
      if (!alive) return await NEVER
      const settled = await body().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      )
      if (alive && fate.diesAt(call, 'after')) life.die()
      if (!alive) return await NEVER
      if ('error' in settled) throw settled.error
      return settled.value
    },
  }
  return life
}

const NEVER = new Promise<never>(() => undefined)

/** Death by chance, the same for the same stream. */
export function randomFate(random: Random, chance: number): Fate {
  return { diesAt: () => chance > 0 && random.chance(chance / 2) }
}

/** A port whose every method goes through `around`; what is no function stays. */
export function through<Port extends object>(port: Port, around: <T>(body: () => Promise<T>) => Promise<T>): Port {
  const wrapped: Record<string, unknown> = {}
  for (const [name, member] of Object.entries(port))
    wrapped[name] =
      typeof member === 'function'
        ? (...given: unknown[]) => around(() => (member as (...all: unknown[]) => Promise<unknown>)(...given))
        : member
  return wrapped as Port
}
