import { channel } from 'node:diagnostics_channel'
import { callFailed, isRolloutError, type CallFailureClass, type RolloutError } from '../core/errors.ts'
import type { Clock } from '../core/ports.ts'
import type { Logger } from './logger.ts'
import { repeated } from './retry.ts'

/** The channel on which every call to a provider, router, store, metric source, check, probe or draining hook is published. */
export const CALLS_CHANNEL = 'imago:call'

/**
 * One call as it went: no bodies, nothing secret. It is published at the moment when the call has ended, or nobody waits
 * for it any more, so that it began `ms` before.
 */
export interface CallRecord {
  readonly port: 'provider' | 'router' | 'store' | 'metric' | 'check' | 'probe' | 'drain'
  /**
   * Who was called: the name under which a provider, metric source or check is registered; the kind of a router or store,
   * which have no name; `http` for a path of an instance.
   */
  readonly target: string
  /** What was asked: the port's method or the kind of command; `ask` of a check, probe or hook. */
  readonly name: string
  /** The fleet that it is about, by the name it was declared under. @default - no one fleet */
  readonly fleet?: string
  /** @default - no one rollout */
  readonly rolloutId?: string
  /** From 1; a call is repeated within a turn only where that is harmless. */
  readonly attempt: number
  readonly ms: number
  /** A call that was let go of, or took too long, is `unknown`. */
  readonly outcome: 'ok' | CallFailureClass
}

/** What calls are about. */
export type About = Pick<CallRecord, 'fleet' | 'rolloutId'>

/** A call that is to be made. */
export interface Call extends Pick<CallRecord, 'port' | 'target' | 'name'> {
  /** How often it may be tried in this turn. */
  readonly times: number
}

const calls = channel(CALLS_CHANNEL)

/** Makes port calls: classified, measured for whoever listens, repeated where that is harmless. */
export interface Caller {
  /**
   * @param signal when it aborts, the call is over for whoever listens, and is not repeated.
   * @throws RolloutError `call-failed`, or what else of imago's own errors the adapter throws.
   */
  call<T>(call: Call, body: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** The same for calls that are about something. */
  about(about: About): Caller
}

/** A caller on this clock. Without a logger and without a subscriber nothing is measured. */
export function caller(clock: Clock, random: () => number, log: Logger | undefined, about: About = {}): Caller {
  const told = (record: CallRecord) => {
    if (calls.hasSubscribers) calls.publish(record)
    log?.debug(record, `${record.port} ${record.target}: ${record.name} ${record.outcome}`)
  }
  return {
    async call({ times, ...call }, body, signal) {
      const attempt = (number: number) =>
        calls.hasSubscribers || log !== undefined
          ? measured(clock, { ...call, ...about, attempt: number }, signal, told, body)
          : body()
      try {
        return await attempt(1)
      } catch (refusal) {
        return await repeated(clock, random, refusal, times, signal, attempt).catch((error: unknown) => {
          throw classified(call.name, error)
        })
      }
    },
    about: (other) => caller(clock, random, log, other),
  }
}

async function measured<T>(
  clock: Clock,
  call: Omit<CallRecord, 'ms' | 'outcome'>,
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
function classified(name: string, error: unknown): RolloutError {
  if (isRolloutError(error)) return error
  const message = error instanceof Error ? error.message : String(error)
  return callFailed('unknown', name, `${name} failed in a way its adapter did not classify: ${message}`, { cause: error })
}

/** How a failed call ended. */
export function classOf(error: unknown): CallFailureClass {
  return isRolloutError(error, 'call-failed') ? error.facts.class : 'unknown'
}
