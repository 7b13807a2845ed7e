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
export { courses, drawScenario, goThrough, runScenario, summarise } from './simulate/index.ts'
export type { Blow, Course, End, RunResult, Scenario, Summary, Violation } from './simulate/index.ts'
export { storeContract } from './contracts/store.ts'
export type { StoreContractOptions, StoreSite } from './contracts/store.ts'
export type { Harness } from './contracts/harness.ts'
