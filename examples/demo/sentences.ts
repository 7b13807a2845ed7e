import type { RolloutEvent } from 'imago'
import type { Paint } from './paint.ts'

/** An event as people read it; calls and marks are left to the journal. */
export function sentence(event: RolloutEvent, paint: Paint): string | undefined {
  switch (event.type) {
    case 'waypoint.entered':
      return `${paint.bold('▸')} makes for ${paint.bold(event.waypoint)}`
    case 'generation.created':
      return `${event.role} ${event.generation} exists`
    case 'instance.healthy':
      return paint.dim(`${event.instance} is healthy`)
    case 'launch.failed':
      return paint.red(`${event.generation}: ${event.message}`)
    case 'traffic.shifted':
      return `traffic: ${Object.entries(event.weights)
        .map(([generation, weight]) => `${generation} ${Math.round(weight)} %`)
        .join(', ')}`
    case 'measurement.taken':
      return `${event.gate}: ${event.verdict === 'pass' ? paint.green('pass') : paint.red(event.verdict)} ${paint.dim(
        event.found
          .map((one) => `(${one.name} ${one.value === undefined ? (one.detail ?? '') : one.value.toFixed(3)})`)
          .join(' '),
      )}`
    case 'gate.failed':
      return paint.red(`gate ${event.gate} failed: ${event.why}; ${event.then}`)
    case 'rollback.started':
      return paint.red(`rolls back: ${event.cause}`)
    case 'generation.retired':
      return `${event.generation} is gone`
    case 'guard.refused':
      return paint.yellow(`the guard refused: ${event.why}`)
    case 'rollout.finished':
      return `${event.outcome === 'promoted' ? paint.green(event.outcome) : paint.yellow(event.outcome)}: ${event.next}`
    default:
      return undefined
  }
}
