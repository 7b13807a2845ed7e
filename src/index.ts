export { createImago } from './create-imago.ts'
export type { CreateOptions } from './create-imago.ts'
export type { Imago } from './engine/imago.ts'
export type { ImagoOptions } from './engine/options.ts'
export type { Fleet, StrategyFor } from './engine/fleet.ts'
export type { ImportSpec } from './engine/import.ts'
export type { SweepOptions, Swept } from './engine/sweep.ts'
export type { RolloutSpec } from './engine/rollout-spec.ts'
export type { StartOptions } from './engine/start.ts'
export type { By, Rollout } from './engine/rollout.ts'
export type { Turn } from './engine/turn.ts'
export type { TickReport } from './engine/tick-all.ts'
export type { Check, CheckContext } from './engine/runtime.ts'
export type { Logger } from './engine/logger.ts'
export type { System } from './engine/system.ts'
export { CALLS_CHANNEL } from './engine/calls.ts'
export type { CallRecord } from './engine/calls.ts'

export { blueGreen } from './strategies/blue-green.ts'
export type { BlueGreenOptions } from './strategies/blue-green.ts'
export { canary } from './strategies/canary.ts'
export type { CanaryOptions } from './strategies/canary.ts'
export { rolling } from './strategies/rolling.ts'
export type { RollingOptions } from './strategies/rolling.ts'
export { defineStrategy } from './strategies/define.ts'
export type { StrategyDefinition } from './strategies/define.ts'
export type { AnalysisOptions, ApprovalOptions, CommonOptions, Verification } from './strategies/options.ts'
export type { PlanContext, Strategy } from './strategies/strategy.ts'
export {
  analysis,
  approve,
  backByCount,
  backByWeights,
  bake,
  healthy,
  soak,
  terms,
  verify,
  waypoint,
} from './strategies/waypoints.ts'
export type { Terms } from './strategies/waypoints.ts'

export { clone, inPlace, slots } from './core/fleet-spec.ts'
export type { DrainSpec, FleetSpec, HealthSpec, ProbeSpec } from './core/fleet-spec.ts'
export type { HttpQuestion, Question, QuestionSpec } from './core/question.ts'
export type { Course } from './core/course.ts'
export { formatDuration, parseDuration } from './core/duration.ts'
export type { Duration } from './core/duration.ts'
export { callFailed, isRolloutError, RolloutError } from './core/errors.ts'
export type { CallFailureClass, ErrorCode, ErrorFacts, Problem } from './core/errors.ts'
export { EVENT_FORMAT } from './core/events.ts'
export type {
  Aim,
  Asked,
  Controller,
  EventHead,
  EventOf,
  EventType,
  Fact,
  Outcome,
  Request,
  RolloutEvent,
} from './core/events.ts'
export { foldAll } from './core/fold/index.ts'
export { formatImageRef, imageRef, isImageAlias, parseImageRef, sameImage } from './core/image.ts'
export type { ImageAlias, ImageDetails, ImageProvenance, ImageRef, ImageScheme } from './core/image.ts'
export type { Json, JsonObject } from './core/json.ts'
export type { Budget, Count, GenerationShape, Role, Shape, ShapeRouting, SizeRule } from './core/shape.ts'
export type {
  AskedFor,
  Consequence,
  DrainPolicy,
  Estimate,
  Gate,
  HealthPolicy,
  MetricCheck,
  Plan,
  PlannedGeneration,
  Probe,
  PublicPlan,
  Recorded,
  RestsOn,
  Verdict,
  VerdictPolicy,
  Waypoint,
} from './core/plan.ts'
export type { MetricQuery, MetricSource, Sample } from './core/metric-source.ts'
export type {
  Accepted,
  AppendResult,
  CallContext,
  Cell,
  Clock,
  FleetProvider,
  FleetTarget,
  GroupRequest,
  NativeUpdater,
  Placement,
  ReleaseRequest,
  ResolvedRelease,
  RolloutStore,
  RouterLimits,
  TrafficRouter,
  UpdateRequest,
  Weights,
} from './core/ports.ts'
export type {
  At,
  BindingId,
  Can,
  FleetId,
  FleetSnapshot,
  GroupId,
  GroupView,
  HandleView,
  HoldView,
  InstanceState,
  InstanceView,
  LaunchFailures,
  NameRule,
  ProviderFacts,
  ProviderLook,
  Release,
  ReleaseId,
  Preview,
  RouteView,
  RoutedInstance,
  RouterFacts,
  RouterLook,
  RoutingView,
  UpdateView,
  UpdaterLimits,
} from './core/snapshot.ts'
export { reportOf } from './core/report.ts'
export type { Report, WaypointReport } from './core/report.ts'
export type { Drift } from './core/drift.ts'
export type { Wait } from './core/reconcile/orders.ts'
export type { Flight, GateState, GenerationState, InstanceFact, InstanceFacts, RolloutState, Setback } from './core/state.ts'
export type { Command, Measurement, Subject } from './core/command.ts'
export type { FleetFact } from './core/facts/fleet.ts'
export type { GateFact } from './core/facts/gates.ts'
export type { RolloutFact } from './core/facts/rollout.ts'
