import type { GenerationState, RolloutState } from '../state.ts'

/** What an event makes of the state: what is not named stays as it is. */
export type Change = Partial<RolloutState>

/** Nothing. */
export const NO_CHANGE: Change = Object.freeze({})

/** For events that tell a story and change nothing. */
export function same(): Change {
  return NO_CHANGE
}

/** Sizes that are known to be asked for, whoever did. */
export function withAsked(state: RolloutState, sizes: Readonly<Record<string, number>>): Change {
  const generations: Record<string, GenerationState> = { ...state.generations }
  for (const id in sizes) {
    const one = generations[id]
    if (one !== undefined) generations[id] = { ...one, asked: sizes[id] ?? one.asked }
  }
  return { generations }
}
