import { channel } from 'node:diagnostics_channel'
import { callFailed, isRolloutError, type CallFailureClass, type RolloutError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import type { Logger } from './logger.ts'
import { repeated } from './retry.ts'

/** The channel on which every call to a provider, router, store, metric source, check, probe or draining hook is published. */
export const CALLS_CHANNEL = 'imago:call'

/** One call as it went: no bodies, nothing secret. It is published when the call has ended, or nobody waits for it any more. */
export interface CallRecord {
  readonly port: 'provider' | 'router' | 'store' | 'metric' | 'check' | 'probe' | 'drain'
  /** What was called: the port's method or the kind of command, the name of the check or metric source, how a hook is asked. */
  readonly name: string
  /** From 1; a call is repeated within a turn only where that is harmless. */
  readonly attempt: number
  readonly ms: number
  /** A call that was let go of, or took too long, is `unknown`. */
  readonly outcome: 'ok' | CallFailureClass
}

const calls = channel(CALLS_CHANNEL)

/** Makes port calls: classified, measured for whoever listens, repeated where that is harmless. */
export interface Caller {
  /**
   * @param times how often it may be tried in this turn.
   * @param signal when it aborts, the call is over for whoever listens, and is not repeated.
   * @throws RolloutError `call-failed`, or what else of imago's own errors the adapter throws.
   */
  call<T>(port: CallRecord['port'], name: string, times: number, body: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

/** A caller on this clock. Without a logger and without a subscriber nothing is measured. */
export function caller(clock: Clock, random: () => number, log: Logger | undefined): Caller {
  const told = (record: CallRecord) => {
    if (calls.hasSubscribers) calls.publish(record)
    log?.debug(record, `${record.port} ${record.name}: ${record.outcome}`)
  }
  return {
    call: (port, name, times, body, signal) =>
      repeated(clock, random, times, signal, (attempt) =>
        calls.hasSubscribers || log !== undefined
          ? measured(clock, { port, name, attempt }, signal, told, () => classified(name, body))
          : classified(name, body),
      ),
  }
}

async function measured<T>(
  clock: Clock,
  call: Pick<CallRecord, 'port' | 'name' | 'attempt'>,
  signal: AbortSignal | undefined,
  told: (record: CallRecord) => void,
  body: () => Promise<T>,
): Promise<T> {
  const began = clock.monotonic()
  let over = false
  const end = (outcome: CallRecord['outcome']) => {
    if (over) return
    over = true
    signal?.removeEventListener('abort', abandon)
    told({ ...call, ms: clock.monotonic() - began, outcome })
  }
  const abandon = () => end('unknown')
  signal?.addEventListener('abort', abandon)
  try {
    const value = await body()
    end('ok')
    return value
  } catch (error) {
    end(classOf(error))
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
