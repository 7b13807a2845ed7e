import { formatDuration } from './duration.ts'
import { formatImageRef } from './image.ts'
import type { Estimate, Gate, Plan, Waypoint } from './plan.ts'
import type { SizeRule } from './shape.ts'

/** A plan as people read it before anything is touched. Plain text, aligned. */
export function planTable(plan: Plan): string {
  const rows = plan.waypoints.map((waypoint, index) => row(waypoint, plan.estimates[index], index))
  return [
    ...heading(plan),
    '',
    ...table([['', 'waypoint', 'sizes and traffic', 'peak', 'least', 'time', 'way back'], ...rows]),
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

function row(waypoint: Waypoint, estimate: Estimate | undefined, index: number): string[] {
  return [
    `${index + 1}`,
    waypoint.id,
    shapeText(waypoint),
    `${estimate?.peakInstances ?? ''}`,
    `${estimate?.leastServing ?? ''}`,
    estimate === undefined
      ? ''
      : `${formatDuration(estimate.earliestMs)} … ${estimate.latestMs === 'a person' ? 'a person' : formatDuration(estimate.latestMs)}`,
    estimate === undefined ? '' : `${estimate.back}${estimate.backMs === 0 ? '' : `, ~${formatDuration(estimate.backMs)}`}`,
  ]
}

function shapeText({ shape }: Waypoint): string {
  const parts: string[] = []
  for (const role of ['stable', 'candidate', 'baseline'] as const) {
    const one = shape.generations[role]
    if (one === undefined) continue
    const traffic =
      shape.routing.by === 'weights' && one.state !== 'retired' ? `, ${shape.routing.weights[role] ?? 0} % traffic` : ''
    parts.push(
      one.state === 'retired'
        ? `${role} retired`
        : `${role} ${sizeText(one.size)}${one.state === 'warm' ? ' warm' : ''}${traffic}`,
    )
  }
  return parts.join('; ')
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

function gateLines(plan: Plan): string[] {
  const rows = plan.waypoints.flatMap((waypoint, index) =>
    waypoint.gates.map((gate) => [`${index + 1}`, gate.id, ...gateText(gate)]),
  )
  return rows.length === 0 ? [] : [...table([['', 'gate', 'opens when', 'else'], ...rows]), '']
}

function gateText(gate: Gate): [string, string] {
  switch (gate.kind) {
    case 'healthy':
      return [`healthy at ${gate.looks} looks, ${formatDuration(gate.apartMs)} apart`, 'the progress deadline']
    case 'soak':
      return [`healthy for ${formatDuration(gate.forMs)}`, 'the progress deadline']
    case 'bake':
      return [`the routing stood for ${formatDuration(gate.forMs)}`, 'begins anew when disturbed']
    case 'verify':
      return [`check ${gate.check} says yes`, `${gate.then} after ${formatDuration(gate.deadlineMs)}`]
    case 'approval':
      return [`somebody approves ${gate.id}`, `${gate.then} after ${formatDuration(gate.expiresMs)}`]
    case 'analysis':
      return [
        `${gate.count} of ${gate.metrics.map((one) => `${one.query} ${one.must.op} ${one.must.value}`).join(', ')}, every ${formatDuration(gate.everyMs)}`,
        `${gate.policy.fail} after ${gate.failureLimit + 1} failed; ${gate.policy.noData} without data; ${formatDuration(gate.deadlineMs)} in all`,
      ]
  }
}

function closing(plan: Plan): string[] {
  const first = plan.waypoints[0]
  const lines = [
    `floor ${plan.floor} of the demand; ${first === undefined ? '' : `${formatDuration(first.progressDeadlineMs)} without progress, or more than ${first.failureLimit} failed launches: ${first.onDeadline}`}`,
    `drain: routes first${plan.drain.hook === undefined ? '' : `, then ${plan.drain.hook.kind === 'http' ? plan.drain.hook.path : plan.drain.hook.name} for at most ${formatDuration(plan.drain.deadlineMs)}, then ${plan.drain.onTimeout}`}`,
    ...plan.notes.map((note) => `note: ${note}`),
  ]
  return lines
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
