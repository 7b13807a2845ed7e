export { createCloud, FAULTS } from './cloud/index.ts'
export type {
  CallRecord,
  Calls,
  CloudChecks,
  Cloud,
  FaultOptions,
  Faults,
  AutoscalerSetUp,
  CloudOptions,
  FleetSetUp,
  GroupSetUp,
  RouterSetUp,
  Span,
  People,
  Severed,
  TrueFleet,
  TrueGroup,
  TrueInstance,
  TrueRoute,
  Truth,
} from './cloud/index.ts'
export { worldClock, drive, pace, createRandom, formatCause, createWorld, World } from './world/index.ts'
export type {
  ImageBehaviour,
  Images,
  LaunchOrder,
  Machine,
  Machines,
  Refusal,
  Shortage,
  Timer,
  Pace,
  Random,
  Cause,
  Trace,
  TraceEntry,
  WorldOptions,
} from './world/index.ts'
export { worldSystem } from './system.ts'
export type { WorldSystemOptions } from './system.ts'
export { CALM, courses, createLife, drawScenario, goThrough, simulate, summarise, through } from './simulate/index.ts'
export type {
  AdapterTrace,
  Blow,
  Course,
  End,
  Fate,
  Life,
  PlayedCloud,
  Playground,
  Ports,
  RunResult,
  Scenario,
  SimulatedSpec,
  Summary,
  Trouble,
  Violation,
} from './simulate/index.ts'
export { storeContract } from './contracts/store.ts'
export type { StoreContractOptions, StoreSite } from './contracts/store.ts'
export { providerContract } from './contracts/provider.ts'
export { metricContract } from './contracts/metric-source.ts'
export type { MetricCondition, MetricContractOptions, MetricQuestion, MetricSite } from './contracts/metrics/site.ts'
export { routerContract } from './contracts/router.ts'
export type {
  ContractImages,
  FleetContractOptions,
  FleetSite,
  FleetWanted,
  LossySite,
  RoutedSite,
} from './contracts/fleet/site.ts'
export { realTime, worldTime } from './contracts/time.ts'
export type { ContractTime } from './contracts/time.ts'
export type { Harness } from './contracts/harness.ts'
export type { Surroundings, Timeline } from './world/index.ts'
export type { Meddling, Model } from './simulate/index.ts'
