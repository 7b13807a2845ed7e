import type { Measurement, Subject } from './command.ts'
import type { Fact } from './events.ts'
import { inRole } from './capacity.ts'
import { routeOf } from './landed.ts'
import type { Look } from './look.ts'
import type { Consequence, Gate, Verdict, Waypoint } from './plan.ts'
import { formatQuestion } from './question.ts'
import type { Wait } from './reconcile/orders.ts'
import type { Role } from './shape.ts'
import { gateState, sharesRoute, type GateState, type RolloutState } from './state.ts'
import { nextQuestionAt, routedSince } from './waits.ts'

/** What a look says of a waypoint's condition. */
export interface Condition {
  /** Sizes, health and routing are as the shape says. */
  readonly ready: boolean
  /** The routing is on target and nothing of ours about it is open. */
  readonly routed: boolean
  /** Why it is not ready, for people. */
  readonly why: string
}

/** What the gates of a waypoint say now. */
export interface GateReport {
  readonly facts: Fact[]
  readonly open: boolean
  readonly failed?: { readonly why: string; readonly then: Waypoint['onDeadline'] }
  readonly questions: Measurement[]
  readonly waits: Wait[]
}

/** Gates that somebody answers wait for those before them; timers and analysis run side by side. */
const ASKING: ReadonlySet<Gate['kind']> = new Set(['verify', 'approval'])

/** Judges every gate of a waypoint: open, waiting (for what, until when, then what), or failed. Pure. */
export function gates(state: RolloutState, look: Look, waypoint: Waypoint, condition: Condition): GateReport {
  const report: { -readonly [K in keyof GateReport]: GateReport[K] } = { facts: [], open: true, questions: [], waits: [] }
  for (const gate of waypoint.gates) {
    const known = gateState(state, gate)
    const skipped = state.full && gate.kind !== 'healthy'
    if ((known.opened || skipped) && !breaks(gate, condition)) continue
    if (state.paused === undefined && (!ASKING.has(gate.kind) || (report.open && condition.ready))) {
      if (!judge(state, look, waypoint, gate, known, condition, report)) report.open = false
    } else {
      if (known.holdingAt !== undefined && breaks(gate, condition)) report.facts.push(broken(waypoint, gate, condition))
      report.open = false
    }
    if (report.failed !== undefined) break
  }
  return report
}

function breaks(gate: Gate, condition: Condition): boolean {
  if (gate.kind === 'healthy' || gate.kind === 'soak') return !condition.ready
  return gate.kind === 'bake' ? !condition.routed : false
}

type Report = { -readonly [K in keyof GateReport]: GateReport[K] }

function judge(
  state: RolloutState,
  look: Look,
  waypoint: Waypoint,
  gate: Gate,
  known: GateState,
  condition: Condition,
  report: Report,
): boolean {
  switch (gate.kind) {
    case 'healthy':
      return timed(look, waypoint, gate, known, condition, report, gate.forMs, 'healthy at one more look')
    case 'soak':
      return timed(look, waypoint, gate, known, condition, report, gate.forMs, 'soak')
    case 'bake':
      return timed(
        look,
        waypoint,
        gate,
        known,
        condition,
        report,
        gate.forMs + (look.snapshot.traffic?.facts.propagationMs ?? 0),
        'bake',
      )
    case 'approval':
      return approval(look, waypoint, gate, known, report)
    case 'verify':
      return verify(state, look, waypoint, gate, known, report)
    case 'analysis':
      return analysis(state, look, waypoint, gate, known, condition, report)
  }
}

/** Opens when its condition held at two looks or more, this long apart, and at no look between was broken. */
function timed(
  look: Look,
  waypoint: Waypoint,
  gate: Gate,
  known: GateState,
  condition: Condition,
  report: Report,
  forMs: number,
  what: string,
): boolean {
  if (breaks(gate, condition)) {
    if (known.holdingAt !== undefined) report.facts.push(broken(waypoint, gate, condition))
    return false
  }
  if (known.holdingAt === undefined) {
    report.facts.push({ type: 'gate.holding', waypoint: waypoint.id, gate: gate.id })
    report.waits.push({ what, untilAt: look.now + forMs, then: 'the gate opens' })
    return false
  }
  if (look.snapshot.beganAt > known.holdingAt && look.now >= known.holdingAt + forMs) return opened(waypoint, gate, report)
  report.waits.push({ what, untilAt: known.holdingAt + forMs, then: 'the gate opens' })
  return false
}

function broken(waypoint: Waypoint, gate: Gate, condition: Condition): Fact {
  return { type: 'gate.broken', waypoint: waypoint.id, gate: gate.id, why: condition.why }
}

function approval(
  look: Look,
  waypoint: Waypoint,
  gate: Extract<Gate, { kind: 'approval' }>,
  known: GateState,
  report: Report,
): boolean {
  const expiresAt = known.expiresAt ?? look.now + gate.expiresMs
  if (known.expiresAt === undefined)
    report.facts.push({ type: 'approval.requested', waypoint: waypoint.id, gate: gate.id, expiresAt, then: gate.then })
  if (known.answer?.yes === true) return opened(waypoint, gate, report)
  if (known.answer !== undefined) return failed(waypoint, gate, `${known.answer.by} rejected it`, 'rollback', report)
  if (look.now >= expiresAt) return failed(waypoint, gate, 'nobody answered in time', gate.then, report)
  report.waits.push({ what: `approval ${gate.id}`, untilAt: expiresAt, then: gate.then })
  return false
}

function verify(
  state: RolloutState,
  look: Look,
  waypoint: Waypoint,
  gate: Extract<Gate, { kind: 'verify' }>,
  known: GateState,
  report: Report,
): boolean {
  if (known.holdingAt === undefined) report.facts.push({ type: 'gate.holding', waypoint: waypoint.id, gate: gate.id })
  if (known.passed > 0) return opened(waypoint, gate, report)
  const untilAt = (known.holdingAt ?? look.now) + gate.deadlineMs
  if (look.now >= untilAt)
    return failed(waypoint, gate, `${formatQuestion(gate.question)} did not succeed in time`, gate.then, report)
  report.waits.push({ what: formatQuestion(gate.question), untilAt, then: gate.then })
  const askAt = known.lastMeasuredAt === undefined ? look.now : known.lastMeasuredAt + gate.everyMs
  report.waits.push({
    what: `${formatQuestion(gate.question)} to be asked again`,
    untilAt: nextQuestionAt(look.now, askAt, gate.everyMs),
  })
  if (look.now >= askAt) ask(state, look, waypoint, gate.id, known, [gate.of], report)
  return false
}

function analysis(
  state: RolloutState,
  look: Look,
  waypoint: Waypoint,
  gate: Extract<Gate, { kind: 'analysis' }>,
  known: GateState,
  condition: Condition,
  report: Report,
): boolean {
  if (known.failed > gate.failureLimit) return judged(waypoint, gate, 'fail', gate.policy.fail, report)
  const unanswered = consequenceOf(gate, known.lastVerdict)
  if (unanswered !== 'wait') return judged(waypoint, gate, known.lastVerdict ?? 'error', unanswered, report)
  if (known.passed >= gate.count) {
    report.facts.push({ type: 'analysis.judged', waypoint: waypoint.id, gate: gate.id, verdict: 'pass' })
    return opened(waypoint, gate, report)
  }
  if (known.holdingAt === undefined) {
    if (!condition.ready || !isTrue(state, look, gate, report)) return false
    report.facts.push({ type: 'gate.holding', waypoint: waypoint.id, gate: gate.id })
  }
  const holdingAt = known.holdingAt ?? look.now
  const untilAt = holdingAt + gate.deadlineMs
  if (look.now >= untilAt) return lastVerdict(waypoint, gate, known, report)
  const nextAt = (known.lastMeasuredAt ?? holdingAt) + gate.everyMs
  report.waits.push({
    what: `measurement ${known.measured + 1} of ${gate.id}`,
    untilAt: Math.min(nextQuestionAt(look.now, nextAt, gate.everyMs), untilAt),
    then: 'it is judged',
  })
  if (look.now >= nextAt) {
    ask(
      state,
      look,
      waypoint,
      gate.id,
      known,
      gate.metrics.map((one) => one.of),
      report,
    )
  }
  return false
}

/** Whether the routing that stands is true for every request by now: what is measured before says nothing of it. */
function isTrue(state: RolloutState, look: Look, { id }: Gate, report: Report): boolean {
  const untilAt = routedSince(state) + (look.snapshot.traffic?.facts.propagationMs ?? 0)
  if (look.now >= untilAt) return true
  report.waits.push({ what: 'the routing to be true for every request', untilAt, then: `${id} begins` })
  return false
}

/** At the deadline the last verdict has its own consequence; there is nothing left to wait for, and passes that were too few are inconclusive. */
function lastVerdict(waypoint: Waypoint, gate: Extract<Gate, { kind: 'analysis' }>, known: GateState, report: Report): boolean {
  const last = known.lastVerdict ?? 'no-data'
  const verdict = last === 'pass' ? 'inconclusive' : last
  const then = verdict === 'fail' ? gate.policy.fail : consequenceOf(gate, verdict)
  return judged(waypoint, gate, verdict, then === 'wait' ? 'rollback' : then, report)
}

/** What the policy says of a measurement that could not be judged. */
function consequenceOf(gate: Extract<Gate, { kind: 'analysis' }>, verdict: Verdict | undefined): Consequence | 'wait' {
  switch (verdict) {
    case 'inconclusive':
      return gate.policy.inconclusive
    case 'no-data':
      return gate.policy.noData
    case 'error':
      return gate.policy.error
    default:
      return 'wait'
  }
}

function judged(
  waypoint: Waypoint,
  gate: Extract<Gate, { kind: 'analysis' }>,
  verdict: Verdict,
  then: Consequence,
  report: Report,
): boolean {
  report.facts.push({ type: 'analysis.judged', waypoint: waypoint.id, gate: gate.id, verdict })
  return failed(waypoint, gate, `the analysis ${gate.id} ended with ${verdict}`, then, report)
}

/** A gate that opens counts at this look. */
function opened(waypoint: Waypoint, gate: Gate, report: Report): true {
  report.facts.push({ type: 'gate.opened', waypoint: waypoint.id, gate: gate.id })
  return true
}

function failed(waypoint: Waypoint, gate: Gate, why: string, then: Consequence, report: Report): boolean {
  if (then === 'proceed') return opened(waypoint, gate, report)
  report.facts.push({ type: 'gate.failed', waypoint: waypoint.id, gate: gate.id, why, then })
  report.failed = { why, then }
  return false
}

function ask(
  state: RolloutState,
  look: Look,
  waypoint: Waypoint,
  gate: string,
  known: GateState,
  roles: readonly Role[],
  report: Report,
): void {
  const subjects = roles.flatMap((role) => subjectOf(state, look, role) ?? [])
  if (subjects.length === roles.length)
    report.questions.push({ kind: 'gate', gate, waypoint: waypoint.id, number: known.measured + 1, subjects })
}

function subjectOf(state: RolloutState, look: Look, role: Role): Subject | undefined {
  const one = inRole(state, look, role)
  if (one === undefined) return undefined
  const { group, release, binding } = one.state
  // A route that others share would answer for them too.
  const preview = sharesRoute(state, one.state) ? undefined : routeOf(look.snapshot, binding)?.preview
  const endpoint = preview?.url ?? one.present.find((instance) => instance.address !== undefined)?.address
  return {
    group,
    release,
    ...(binding === undefined ? {} : { binding }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(preview?.headers === undefined ? {} : { headers: preview.headers }),
  }
}
