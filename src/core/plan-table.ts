import { formatDuration } from './duration.ts'
import { formatImageRef } from './image.ts'
import type { Estimate, Gate, Plan, Waypoint } from './plan.ts'
import { formatQuestion } from './question.ts'
import type { Role, SizeRule } from './shape.ts'

const ROLES: readonly Role[] = ['stable', 'candidate', 'baseline']

/** A plan as people read it before anything is touched. Plain text, aligned. */
export function planTable(plan: Plan): string {
  const roles = ROLES.filter((role) => plan.waypoints.some(({ shape }) => shape.generations[role] !== undefined))
  // Who does the work is said where it is not the engine alone.
  const by = plan.waypoints.some(({ agency }) => agency === 'native') ? ['by'] : []
  const rows = plan.waypoints.map((waypoint, index) => row(waypoint, by, roles, plan.estimates[index], index))
  return [
    ...heading(plan),
    '',
    ...table([['', 'waypoint', ...by, ...roles, 'peak', 'least', 'time', 'way back'], ...rows]),
    '',
    ...gateLines(plan),
    ...closing(plan),
  ].join('\n')
}

function heading(plan: Plan): string[] {
  const { fleet, strategy, stable, candidate, alias } = plan
  const given = alias === undefined ? '' : `  (${alias.kind} ${alias.alias}, resolved when planned)`
  return [
    `${fleet.name}: ${strategy.name} of ${plan.recorded.size} instances by ${fleet.provider}`,
    `  from  ${formatImageRef(stable.release.image)}  as ${stable.generation}`,
    `  to    ${formatImageRef(candidate.release.image)}  as ${candidate.generation}${given}`,
    ...(stable.release.launch === candidate.release.launch
      ? []
      : [`  with  changed launch settings (${stable.release.launch} → ${candidate.release.launch})`]),
  ]
}

function row(
  waypoint: Waypoint,
  by: readonly string[],
  roles: readonly Role[],
  estimate: Estimate | undefined,
  index: number,
): string[] {
  return [
    `${index + 1}`,
    waypoint.id,
    ...by.map(() => waypoint.agency),
    ...roles.map((role) => shapeText(waypoint, role)),
    `${estimate?.peakInstances ?? ''}`,
    `${estimate?.leastServing ?? ''}`,
    estimate === undefined
      ? ''
      : `${formatDuration(estimate.earliestMs)} … ${estimate.latestMs === 'a person' ? 'a person' : formatDuration(estimate.latestMs)}`,
    estimate === undefined ? '' : `${estimate.back}${estimate.backMs === 0 ? '' : `, ~${formatDuration(estimate.backMs)}`}`,
  ]
}

function shapeText({ shape }: Waypoint, role: Role): string {
  const one = shape.generations[role]
  if (one === undefined) return ''
  if (one.state === 'retired') return 'retired'
  const traffic = shape.routing.by === 'weights' ? `, ${shape.routing.weights[role] ?? 0} % traffic` : ''
  return `${sizeText(one.size)}${one.state === 'warm' ? ' warm' : ''}${traffic}`
}

function sizeText(size: SizeRule): string {
  switch (size.kind) {
    case 'at-least':
    case 'exactly':
      return `${Math.round(size.share * 100)} %`
    case 'count':
      return `${size.count} instance${size.count === 1 ? '' : 's'}`
    case 'rest':
      return 'the rest'
  }
}

/** A gate that several waypoints have stands there once, with their numbers. */
function gateLines(plan: Plan): string[] {
  const rows = sameOnce(plan.waypoints.map(({ gates }) => gates.map((gate) => [gate.id, ...gateText(gate)])))
  return rows.length === 0 ? [] : [...table([['', 'gate', 'opens when', 'else'], ...rows]), '']
}

/** What follows when a waypoint is not reached in time; on the way back there is nowhere else to turn to. */
function deadlineLines({ waypoints, back }: Plan): string[] {
  const forward = sameOnce(
    waypoints.map(({ progressDeadlineMs, onDeadline, failureLimit }) => [
      [`${formatDuration(progressDeadlineMs)} without progress`, onDeadline],
      [`more than ${failureLimit} failed launches or deaths`, 'rollback'],
    ]),
  )
  const backward = sameOnce(
    back.map(({ progressDeadlineMs, onDeadline }) => [
      [`${formatDuration(progressDeadlineMs)} without progress`, onDeadline === 'pause' ? 'pause' : 'rollback-failed'],
    ]),
  )
  return table([['', 'deadline', 'then'], ...forward, ...backward.map(([, ...cells]) => ['way back', ...cells])])
}

/** Rows of all waypoints: one that several have stands there once, with their numbers. */
function sameOnce(rows: readonly (readonly (readonly string[])[])[]): string[][] {
  const numbers = new Map<string, { cells: readonly string[]; at: number[] }>()
  for (const [index, own] of rows.entries()) {
    for (const cells of own) {
      const known = numbers.get(cells.join())
      if (known === undefined) numbers.set(cells.join(), { cells, at: [index + 1] })
      else known.at.push(index + 1)
    }
  }
  return [...numbers.values()].map(({ cells, at }) => [spans(at), ...cells])
}

/** `1–3, 5` for 1, 2, 3 and 5. */
function spans(numbers: readonly number[]): string {
  const parts: [number, number][] = []
  for (const number of numbers) {
    const last = parts.at(-1)
    if (last?.[1] === number - 1) last[1] = number
    else parts.push([number, number])
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ')
}

function gateText(gate: Gate): [string, string] {
  switch (gate.kind) {
    case 'healthy':
      return [`healthy at two looks, for ${formatDuration(gate.forMs)}`, 'the progress deadline']
    case 'soak':
      return [`healthy for ${formatDuration(gate.forMs)}`, 'the progress deadline']
    case 'bake':
      return [`the routing stood for ${formatDuration(gate.forMs)}`, 'begins anew when disturbed']
    case 'verify':
      return [`${formatQuestion(gate.question)} says yes`, `${gate.then} after ${formatDuration(gate.deadlineMs)}`]
    case 'approval':
      return [`somebody approves ${gate.id}`, `${gate.then} after ${formatDuration(gate.expiresMs)}`]
    case 'analysis':
      return [
        `${gate.count} of ${gate.metrics.map((one) => `${one.query} ${one.must.op} ${one.must.value}`).join(', ')}, every ${formatDuration(gate.everyMs)}`,
        analysisText(gate),
      ]
  }
}

/** Verdicts with the same consequence stand together; waiting ends at the deadline, and then it is a rollback. */
function analysisText({ policy, failureLimit, deadlineMs }: Extract<Gate, { kind: 'analysis' }>): string {
  const verdicts = { inconclusive: policy.inconclusive, 'no data': policy.noData, error: policy.error }
  const parts = [`${policy.fail} after ${failureLimit + 1} failed`]
  for (const then of new Set(Object.values(verdicts))) {
    const names = Object.entries(verdicts).flatMap(([name, one]) => (one === then ? [name] : []))
    parts.push(`${names.join(', ')}: ${then === 'wait' ? `wait ${formatDuration(deadlineMs)}, then rollback` : then}`)
  }
  return parts.join('; ')
}

function closing(plan: Plan): string[] {
  return [
    ...deadlineLines(plan),
    '',
    `floor ${plan.floor} of the demand`,
    `drain: ${drainText(plan)}`,
    `may be started until ${new Date(plan.expiresAt).toISOString()}`,
    ...plan.notes.map((note) => `note: ${note}`),
  ]
}

function drainText({ drain: { hook, deadlineMs, onTimeout }, restsOn: { router } }: Plan): string {
  const parts: string[] = []
  if (router !== undefined) parts.push(`requests end within ${formatDuration(router.drainDeadlineMs)} of leaving the routes`)
  if (hook !== undefined)
    parts.push(`${hook.kind === 'http' ? hook.path : hook.name} says yes within ${formatDuration(deadlineMs)}`)
  return parts.length === 0 ? 'nothing to wait for' : `${parts.join(', then ')}; else ${onTimeout}`
}

/** Columns as wide as their widest cell, two spaces apart. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)))
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
