import type { RolloutStore } from 'imago'

/** A store some of whose calls never answer, from when they are named. */
export interface HangingStore {
  readonly store: RolloutStore
  /** Names of the calls that hang. */
  readonly hangs: Set<string>
}

/** A store that works until it is told to hang. */
export function hangingStore(right: RolloutStore): HangingStore {
  const hangs = new Set<string>()
  const members = Object.entries(right).map(([name, member]: [string, unknown]) => [
    name,
    typeof member === 'function'
      ? (...given: unknown[]) =>
          hangs.has(name) ? new Promise(() => undefined) : (member as (...all: unknown[]) => unknown)(...given)
      : member,
  ])
  return { store: Object.fromEntries(members) as RolloutStore, hangs }
}
