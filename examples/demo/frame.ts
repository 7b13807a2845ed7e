import { formatDuration, type Gate, type Turn } from 'imago'
import sliceAnsi from 'slice-ansi'
import type { Paint } from './paint.ts'
import type { LoadLine } from './load.ts'

/** What the screen shows of a group. */
export interface GroupGlance {
  readonly id: string
  readonly states: readonly string[]
}

/** Everything that a frame shows. */
export interface Moment {
  readonly title: string
  readonly groups: readonly GroupGlance[]
  /** @default - no rollout is under way */
  readonly turn?: Turn | undefined
  /** @default - nobody asks yet */
  readonly load?: LoadLine | undefined
  /** Failed requests since the load began. */
  readonly failed: number
  readonly now: number
}

type State = Turn['state']

const MOST_WAITS = 3
const LABEL = 11
/** The load reports four times a second. */
const REPORTS = 4

/** One picture of a rollout, as many lines whatever happens, none of them wider than the terminal. */
export function frame(moment: Moment, columns: number, paint: Paint): string {
  const { turn, groups } = moment
  const rows = ['', `  ${paint.bold(moment.title)}`, '']
  for (const role of ['stable', 'candidate'] as const) rows.push(generationRow(role, groups, turn, columns, paint))
  rows.push('', ...(turn === undefined ? [] : rolloutRows(turn, moment.now, columns, paint)))
  while (rows.length < 6 + MOST_WAITS + 2) rows.push('')
  rows.push(label('load', paint) + loadText(moment, paint))
  return rows.map((row) => sliceAnsi(row, 0, columns - 1)).join('\n')
}

function label(word: string, paint: Paint): string {
  return `  ${paint.dim(word.padEnd(LABEL))}`
}

function generationRow(
  role: 'stable' | 'candidate',
  groups: readonly GroupGlance[],
  turn: Turn | undefined,
  columns: number,
  paint: Paint,
): string {
  const known = turn?.state.generations[turn.state.roles[role] ?? '']
  const group = groups.find(({ id }) => (known === undefined ? role === 'stable' : id === known.group))
  if (group === undefined) return label(role, paint) + paint.dim('none')
  const share = turn === undefined ? 100 : shareOf(turn.state, known?.binding)
  const cells = Math.max(5, Math.min(30, columns - 60))
  const full = Math.min(cells, share === 0 ? 0 : Math.max(1, Math.round((share * cells) / 100)))
  const bar = paint.blue('█'.repeat(full)) + paint.dim('░'.repeat(cells - full))
  const dots = group.states.map((state) => dot(state, paint)).join(' ')
  const healthy = group.states.filter((state) => state === 'healthy').length
  const words = columns < 70 ? '' : paint.dim(`  ${healthy}/${group.states.length} healthy`)
  return `${label(role, paint)}${group.id.padEnd(9)} ${bar} ${String(share).padStart(3)} %  ${dots}${words}`
}

/** Percent of the requests, by the weights that were last seen. */
function shareOf({ routing, plan }: State, binding: string | undefined): number {
  const units = routing.at(-1)?.units ?? { [plan.stable.binding ?? '']: plan.restsOn.router?.units ?? 100 }
  return Math.round(((units[binding ?? ''] ?? 0) * 100) / (plan.restsOn.router?.units ?? 100))
}

function dot(state: string, paint: Paint): string {
  switch (state) {
    case 'healthy':
      return paint.green('●')
    case 'starting':
      return paint.yellow('◌')
    case 'unhealthy':
      return paint.red('✗')
    case 'draining':
    case 'terminating':
      return paint.cyan('◦')
    default:
      return paint.magenta('?')
  }
}

function rolloutRows(turn: Turn, now: number, columns: number, paint: Paint): string[] {
  const { state } = turn
  const forward = state.aim === 'forward'
  const list = forward ? state.plan.waypoints : state.plan.back
  const way = label(forward ? 'makes for' : 'goes back', paint) + wayText(list, state.index, columns, paint)
  const waitingFor = turn.waitingFor.length > 0 ? turn.waitingFor : [{ what: 'the next look' }]
  const waits = waitingFor.slice(0, MOST_WAITS).map(({ what, untilAt, then }, index) => {
    const until = untilAt === undefined ? '' : `${left(untilAt - now)}${then === undefined ? '' : `, then ${then}`}`
    return label(index === 0 ? 'waits for' : '', paint) + what.padEnd(Math.min(40, columns - 45)) + paint.dim(` ${until}`)
  })
  while (waits.length < MOST_WAITS) waits.push('')
  return [way, ...waits, label('or else', paint) + paint.dim(otherwise(state, now))]
}

/** The waypoints, those behind with a tick; where there is no room for all, those that lie ahead. */
function wayText(list: State['plan']['waypoints'], present: number, columns: number, paint: Paint): string {
  const room = columns - LABEL - 6 * list.length
  const first = list.reduce((sum, { id }) => sum + id.length, 0) > room ? present : 0
  const names = list.slice(first).map(({ id }, index) => {
    if (index + first < present) return paint.green(`✓ ${id}`)
    return index + first === present ? paint.bold(`▸ ${id}`) : paint.dim(id)
  })
  return (first > 0 ? paint.dim('… ') : '') + names.join(paint.dim(' → '))
}

/** What ends the waiting when what is waited for does not come. */
function otherwise(state: State, now: number): string {
  const waypoint = (state.aim === 'forward' ? state.plan.waypoints : state.plan.back)[state.index]
  if (waypoint === undefined) return ''
  const { sinceAt, spentMs } = state.unready
  const spent = spentMs + (sinceAt === undefined ? 0 : now - sinceAt)
  const then = state.aim === 'forward' ? waypoint.onDeadline : 'a person is asked for'
  if (!state.ready) return `${left(waypoint.progressDeadlineMs - spent)} more without progress, then ${then}`
  const analysis = waypoint.gates.find((gate): gate is Extract<Gate, { kind: 'analysis' }> => gate.kind === 'analysis')
  return analysis === undefined ? '' : `${analysis.failureLimit + 1} failed measurement, then ${analysis.policy.fail}`
}

/** Seconds with one digit, so that a countdown does not change its width at every look. */
function left(ms: number): string {
  return ms >= 60_000 ? formatDuration(ms) : `${(Math.max(0, ms) / 1_000).toFixed(1)}s`
}

function loadText({ load, failed }: Moment, paint: Paint): string {
  if (load === undefined) return paint.dim('nobody asks yet')
  const failures = failed === 0 ? paint.green('0 failed') : paint.red(`${failed} failed`)
  const { p50, p99 } = load.latencyMs ?? { p50: 0, p99: 0 }
  const rate = `${(load.requests ?? 0) * REPORTS} requests/s`
  return `${rate.padEnd(14)}  ${failures}  ${paint.dim(`p50 ${p50} ms, p99 ${p99} ms, ${load.openStreams ?? 0} streams`)}`
}
