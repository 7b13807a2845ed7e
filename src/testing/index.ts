export { createCloud } from './cloud/index.ts'
export type {
  Cloud,
  CloudOptions,
  FaultOptions,
  Faults,
  FleetSetUp,
  GroupSetUp,
  People,
  RouterSetUp,
  Truth,
} from './cloud/index.ts'
export { createRandom, createWorld, drive, worldClock } from './world/index.ts'
export type { ImageBehaviour, Machine, Random, World, WorldOptions } from './world/index.ts'
export { drawScenario, runScenario, summarise } from './simulate/index.ts'
export type { RunResult, Scenario, Summary, Violation } from './simulate/index.ts'
