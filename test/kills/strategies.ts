import { blueGreen, canary, rolling } from 'imago'

/** The strategies that the tests draw from: as quick as they can be. */
export const strategies = [
  canary({ weights: [25, 50], bake: '300ms', healthy: { apart: '200ms' } }),
  blueGreen({ bake: '500ms', healthy: { apart: '200ms' } }),
  rolling({ maxSurge: 2, healthy: { apart: '200ms' } }),
] as const
