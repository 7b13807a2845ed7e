import { channel } from 'node:diagnostics_channel'
import { callFailed, isRolloutError, type CallFailureClass, type RolloutError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import { repeated } from './retry.ts'

/** The channel on which every provider, router, store and metric call is published. */
export const CALLS_CHANNEL = 'imago:call'

/** One call as it went: no bodies, nothing secret. */
export interface CallRecord {
  readonly port: 'provider' | 'router' | 'store' | 'metric' | 'check' | 'probe' | 'drain'
  readonly name: string
  readonly attempt: number
  readonly ms: number
  readonly outcome: 'ok' | CallFailureClass
}

const calls = channel(CALLS_CHANNEL)

/** Makes port calls: measured, bounded in time, repeated once where that is harmless. */
export interface Caller {
  /**
   * @param times how often it may be tried in this turn.
   * @throws RolloutError `call-failed`; what took too long is `unknown`.
   */
  call<T>(port: CallRecord['port'], name: string, times: number, body: () => Promise<T>): Promise<T>
}

/** A caller on this clock. */
export function caller(clock: Clock, random: () => number): Caller {
  return {
    call: (port, name, times, body) =>
      repeated(clock, random, times, (attempt) =>
        calls.hasSubscribers ? published(clock, port, name, attempt, body) : classified(name, body),
      ),
  }
}

async function published<T>(
  clock: Clock,
  port: CallRecord['port'],
  name: string,
  attempt: number,
  body: () => Promise<T>,
): Promise<T> {
  const began = clock.monotonic()
  const publish = (outcome: CallRecord['outcome']) => {
    const record: CallRecord = { port, name, attempt, ms: clock.monotonic() - began, outcome }
    calls.publish(record)
  }
  try {
    const value = await classified(name, body)
    publish('ok')
    return value
  } catch (error) {
    publish(isRolloutError(error, 'call-failed') ? error.facts.class : 'unknown')
    throw error
  }
}

/** What an adapter throws without classifying it is an outcome that nobody knows. */
async function classified<T>(name: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    throw isRolloutError(error) ? error : asFailure(name, error)
  }
}

function asFailure(name: string, error: unknown): RolloutError<'call-failed'> {
  const message = error instanceof Error ? error.message : String(error)
  return callFailed('unknown', name, `${name} failed in a way its adapter did not classify: ${message}`, { cause: error })
}

/** How a failed call ended. */
export function classOf(error: unknown): CallFailureClass {
  return isRolloutError(error, 'call-failed') ? error.facts.class : 'unknown'
}
