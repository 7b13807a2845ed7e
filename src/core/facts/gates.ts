import type { Consequence, Verdict } from '../plan.ts'
import type { At } from '../snapshot.ts'
import type { Asked } from './rollout.ts'

/** `holding`: when a gate's condition begins to hold, from which its timer runs. `opened`: when it has held long enough, or was answered. */
export interface GateHolding {
  readonly type: 'gate.holding' | 'gate.opened'
  readonly waypoint: string
  readonly gate: string
}

/** When a gate's condition was seen broken: its timer begins anew. */
export interface GateBroken {
  readonly type: 'gate.broken'
  readonly waypoint: string
  readonly gate: string
  readonly why: string
}

/** When a gate will not open, and what follows. */
export interface GateFailed {
  readonly type: 'gate.failed'
  readonly waypoint: string
  readonly gate: string
  readonly why: string
  readonly then: Consequence
}

/** When a person is asked. */
export interface ApprovalRequested {
  readonly type: 'approval.requested'
  readonly waypoint: string
  readonly gate: string
  readonly expiresAt: At
  readonly then: Consequence
}

/** When a person has answered. */
export interface GateAnswered {
  readonly type: 'gate.approved' | 'gate.rejected'
  readonly gate: string
  readonly by: string
  readonly comment?: string
}

/** When a person opened what was waiting. */
export interface GatePromoted extends Asked {
  readonly type: 'gate.promoted'
  readonly waypoint: string
  /** Whether all later gates but health are skipped as well. */
  readonly full: boolean
}

/** When a check or the metrics of a gate have been asked once. */
export interface MeasurementTaken {
  readonly type: 'measurement.taken'
  readonly waypoint: string
  readonly gate: string
  readonly number: number
  readonly verdict: Verdict
  /** One line for each number or check. */
  readonly found: readonly {
    readonly name: string
    readonly value?: number
    readonly verdict: Verdict
    readonly detail?: string
  }[]
}

/** When an analysis has come to its end. */
export interface AnalysisJudged {
  readonly type: 'analysis.judged'
  readonly waypoint: string
  readonly gate: string
  readonly verdict: Verdict
}

/** Facts about gates. */
export type GateFact =
  GateHolding | GateBroken | GateFailed | ApprovalRequested | GateAnswered | GatePromoted | MeasurementTaken | AnalysisJudged
