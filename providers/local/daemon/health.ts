import { get } from 'node:http'
import type { At } from '../../../src/core/snapshot.ts'
import type { LaunchSettings } from '../launch/settings.ts'
import type { InstanceRecord } from './state.ts'
import { LOOPBACK } from './table.ts'

type HealthSettings = LaunchSettings['health']

/** Answers in a row, and the reason of the last bad one. */
export interface Streak {
  readonly good: number
  readonly bad: number
  readonly reason?: string
}

/** One answer: why it was bad, or nothing. */
export type Answer = string | undefined

/** Without a path an instance is healthy once it has run for so long. */
const PROVEN_BY_RUNNING_MS = 1_000

/** The streak after one more answer. */
export function counted(streak: Streak, answer: Answer): Streak {
  return answer === undefined ? { good: streak.good + 1, bad: 0 } : { good: 0, bad: streak.bad + 1, reason: answer }
}

/** The health that follows from a streak of answers. */
export function judged(instance: InstanceRecord, streak: Streak, settings: HealthSettings, now: At): InstanceRecord['health'] {
  if (streak.good >= settings.healthyThreshold) return 'healthy'
  if (instance.health === 'healthy' && streak.bad >= settings.unhealthyThreshold) return 'unhealthy'
  if (instance.health === 'starting' && streak.bad > 0 && now - instance.launchedAt > settings.startupMs) return 'unhealthy'
  return instance.health
}

/** Asks an instance once. Never rejects. */
export function ask(instance: InstanceRecord, settings: HealthSettings, now: At): Promise<Answer> {
  const { path, timeoutMs } = settings
  if (path === undefined)
    return Promise.resolve(now - instance.launchedAt >= PROVEN_BY_RUNNING_MS ? undefined : 'not running for a second yet')
  return new Promise((resolve) => {
    const bad = (why: string) => resolve(`GET ${path}: ${why}`)
    const question = get(
      { host: LOOPBACK, port: instance.port, path, agent: false, signal: AbortSignal.timeout(timeoutMs) },
      (answer) => {
        answer.resume()
        const status = answer.statusCode ?? 0
        return status >= 200 && status < 300 ? resolve(undefined) : bad(`answered ${status}`)
      },
    )
    question.on('error', (fault) =>
      bad(fault.name === 'AbortError' || fault.name === 'TimeoutError' ? `no answer within ${timeoutMs} ms` : reasonOf(fault)),
    )
  })
}

function reasonOf(fault: Error): string {
  return 'code' in fault && fault.code === 'ECONNREFUSED' ? 'connection refused' : fault.message
}
