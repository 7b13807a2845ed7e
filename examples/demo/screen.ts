import { formatDuration, type Plan, type RolloutEvent, type RolloutState, type Turn } from 'imago'
import { createLogUpdate } from 'log-update'
import pc from 'picocolors'
import type { Load } from './load.ts'

/** What the screen shows of a group. */
export interface GroupGlance {
  readonly id: string
  readonly states: readonly string[]
}

/** Shows a rollout as it happens: redrawn on a terminal, line by line elsewhere. */
export interface Screen {
  begin(title: string, plan: Plan): void
  turn(turn: Turn): void
  groups(groups: readonly GroupGlance[]): void
  event(event: RolloutEvent): void
  end(line: string): void
}

const DOTS: Readonly<Record<string, string>> = {
  healthy: pc.green('●'),
  starting: pc.yellow('◌'),
  unhealthy: pc.red('●'),
  draining: pc.cyan('◍'),
  terminating: pc.dim('○'),
  unknown: pc.magenta('?'),
}

/** A screen on standard error, so that standard output stays for results. */
export function createScreen(load: () => Load | undefined): Screen {
  const live = process.stderr.isTTY
  const draw = createLogUpdate(process.stderr)
  let plan: Plan | undefined
  let latest: Turn | undefined
  let glances: readonly GroupGlance[] = []
  const redraw = () => {
    if (live && plan !== undefined && latest !== undefined) draw(frame(plan, latest, glances, load()))
  }
  return {
    begin(title, next) {
      plan = next
      latest = undefined
      say(`\n${pc.bold(title)}\n\n${next.toString()}\n`)
    },
    turn(turn) {
      latest = turn
      redraw()
    },
    groups(groups) {
      glances = groups
      redraw()
    },
    event(event) {
      const text = sentence(event)
      if (text !== undefined) say(`  ${pc.dim(new Date(event.at).toISOString().slice(11, 19))}  ${text}`)
    },
    end(line) {
      if (live) draw.clear()
      plan = undefined
      say(`\n${line}`)
    },
  }

  function say(text: string): void {
    if (live) draw.clear()
    process.stderr.write(`${text}\n`)
    redraw()
  }
}

function frame(plan: Plan, turn: Turn, glances: readonly GroupGlance[], load: Load | undefined): string {
  const { state } = turn
  const rows = ['', ...glances.map((group) => generationRow(plan, state, group)), '', waypointRow(state), ...waitRows(turn)]
  const seen = load?.latest()
  if (seen !== undefined) {
    const failed = (seen.failed ?? 0) > 0 ? pc.red(`${seen.failed} failed`) : pc.green('0 failed')
    rows.push(
      `  load      ${(seen.requests ?? 0) * 4}/s, ${failed}, p99 ${seen.latencyMs?.p99 ?? 0} ms, ${seen.openStreams ?? 0} streams open`,
    )
  }
  return rows.join('\n')
}

function generationRow(plan: Plan, state: RolloutState, group: GroupGlance): string {
  const known = Object.values(state.generations).find((one) => one.group === group.id)
  const role = known === undefined ? '' : known.role
  const units = state.routing.at(-1)?.units ?? {}
  const weight = known?.binding === undefined ? 0 : (units[known.binding] ?? 0)
  const share = Math.round((weight * 100) / (plan.restsOn.router?.units ?? 100))
  const bar = pc.blue('█'.repeat(Math.round(share / 5))) + pc.dim('░'.repeat(20 - Math.round(share / 5)))
  return `  ${role.padEnd(9)} ${group.id.padEnd(12)} ${bar} ${String(share).padStart(3)} %  ${group.states.map((one) => DOTS[one] ?? '?').join(' ')}`
}

function waypointRow(state: RolloutState): string {
  const list = state.aim === 'forward' ? state.plan.waypoints : state.plan.back
  const names = list.map((one, index) =>
    index < state.index ? pc.green(`✓ ${one.id}`) : index === state.index ? pc.bold(`▸ ${one.id}`) : pc.dim(one.id),
  )
  return `  ${state.aim === 'forward' ? 'forward ' : pc.red('back    ')}  ${names.join(pc.dim('  →  '))}`
}

function waitRows(turn: Turn): string[] {
  return turn.waitingFor.slice(0, 4).map((wait) => {
    const until = wait.untilAt === undefined ? '' : `, ${formatDuration(Math.max(0, wait.untilAt - turn.at))} left`
    return `  waits for ${wait.what}${until}${wait.then === undefined ? '' : pc.dim(` (then: ${wait.then})`)}`
  })
}

/** What people want to read; calls and marks are left to the journal. */
function sentence(event: RolloutEvent): string | undefined {
  switch (event.type) {
    case 'waypoint.entered':
      return `${pc.bold('▸')} making for ${pc.bold(event.waypoint)}`
    case 'generation.created':
      return `${event.role} ${event.generation} exists`
    case 'instance.healthy':
      return pc.dim(`${event.instance} is healthy`)
    case 'launch.failed':
      return pc.red(`${event.generation}: ${event.message}`)
    case 'traffic.shifted':
      return `traffic: ${Object.entries(event.weights)
        .map(([generation, weight]) => `${generation} ${Math.round(weight)} %`)
        .join(', ')}`
    case 'measurement.taken':
      return `${event.gate}: ${event.verdict === 'pass' ? pc.green('pass') : pc.red(event.verdict)} ${pc.dim(
        event.found.map((one) => `${one.name} ${one.value === undefined ? (one.detail ?? '') : one.value.toFixed(3)}`).join('; '),
      )}`
    case 'gate.failed':
      return pc.red(`gate ${event.gate} failed: ${event.why}; ${event.then}`)
    case 'rollback.started':
      return pc.red(`rolling back: ${event.cause}`)
    case 'generation.retired':
      return `${event.generation} is gone`
    case 'guard.refused':
      return pc.yellow(`the guard refused: ${event.why}`)
    case 'rollout.finished':
      return `${event.outcome === 'promoted' ? pc.green(event.outcome) : pc.yellow(event.outcome)}: ${event.next}`
    default:
      return undefined
  }
}
