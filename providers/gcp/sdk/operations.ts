import { createHash } from 'node:crypto'
import { callFailed, unlessAbsent, type CallFailureClass } from '../../../src/core/errors.ts'
import type { JsonObject } from '../../../src/core/json.ts'
import type { CallContext } from '../../../src/core/ports.ts'
import type { HandleView } from '../../../src/core/snapshot.ts'
import { causeOf, textOf } from './causes.ts'
import type { Caller } from './caller.ts'
import type { GcpClock } from './clock.ts'
import type { JsonRequest } from './json.ts'
import type { ActionError } from './resources.ts'
import { pathOf } from './urls.ts'

/** A change of one resource: Compute accepts it as an operation, which takes its time and may fail. */
export interface Change extends JsonRequest {
  /** What it is called in errors, `instanceGroupManagers.patch`. */
  readonly call: string
}

/** Writes, and what became of it. */
export interface Operations {
  /** Sends a change. @returns the path of its operation, by which looks tell of it. @throws RolloutError `call-failed`. */
  send(change: Change, context: CallContext): Promise<string>
  /** The same, and waits until it is done: for what something else rests on. @throws RolloutError `call-failed`, also for what failed within. */
  done(change: Change, context: CallContext): Promise<string>
  /** How an operation stands; `undefined` for one that Compute does not know. */
  fate(path: string, signal: AbortSignal): Promise<HandleView | undefined>
}

interface Operation {
  readonly selfLink?: string
  readonly status?: string
  readonly httpErrorMessage?: string
  readonly error?: { readonly errors?: readonly ActionError[] }
}

/** Operations that were accepted and are not done are asked for again after this: Compute itself waits up to two minutes. */
const AGAIN_MS = 500

/** Sends changes of a project. */
export function createOperations(caller: Caller, clock: GcpClock, project: string): Operations {
  const send = async ({ call, verb, path, body }: Change, { token, signal }: CallContext): Promise<Operation> => {
    const sent = { verb, path, ...(body === undefined ? {} : { body }) }
    const asked = `${path}${path.includes('?') ? '&' : '?'}requestId=${requestId(token, sent)}`
    return await caller.json(call, { ...sent, path: asked }, signal)
  }
  const handleOf = ({ selfLink = '' }: Operation) => pathOf(selfLink, project)
  return {
    send: async (change, context) => handleOf(await send(change, context)),
    async done(change, context) {
      let operation = await send(change, context)
      const path = handleOf(operation)
      // A status that is not known is not done.
      while (operation.status !== 'DONE') {
        operation = await caller.json('operations.wait', { verb: 'POST', path: `${path}/wait` }, context.signal)
        if (operation.status !== 'DONE') await clock.sleep(AGAIN_MS, context.signal)
      }
      refuseFailed(change.call, operation)
      return path
    },
    async fate(path, signal) {
      if (!OPERATION.test(path)) return undefined
      const found = await caller.json('operations.get', { verb: 'GET', path }, signal).catch(unlessAbsent)
      return found === undefined ? undefined : fateOf(found)
    },
  }
}

const OPERATION = /^projects\/[^/?]+\/(?:global|zones\/[^/?]+|regions\/[^/?]+)\/operations\/[^/?]+$/

/** An operation that failed was answered well all the same: what it failed of is within. */
function fateOf({ status, error, httpErrorMessage = '' }: Operation): HandleView {
  const [first] = error?.errors ?? []
  if (status !== 'DONE') return { state: 'pending' }
  if (first === undefined) return { state: 'done' }
  return {
    state: 'failed',
    class: classOf(first),
    message: [textOf(first), httpErrorMessage].filter((one) => one !== '').join(' '),
  }
}

/** @throws RolloutError `call-failed` for what failed within. */
function refuseFailed(call: string, operation: Operation): void {
  const fate = fateOf(operation)
  if (fate.state !== 'failed') return
  const native = operation.error?.errors?.[0]?.code
  const message = `${call} was accepted, and failed: ${fate.message}`
  throw callFailed(fate.class, call, message, native === undefined ? {} : { native })
}

/** A launch is denied by a condition, a write by what stands there meanwhile; and what failed for any other reason does not land any more. */
function classOf(error: ActionError): CallFailureClass {
  const cause = causeOf(error)
  if (error.code === 'CONDITION_NOT_MET') return 'conflict'
  return cause === 'unknown' ? 'transient' : cause
}

/**
 * The same for each attempt to send the same, so that it is carried out once. What is sent is part of it: a change that was computed anew is
 * another one, which would be swallowed otherwise.
 */
function requestId(token: string, sent: JsonRequest): string {
  const digest = createHash('sha256')
    .update(`${token} ${JSON.stringify(sent)}`)
    .digest('hex')
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 3) | 8).toString(16)
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `5${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-')
}

/** What a change carries of a resource that was read: written after anybody else's write, it is refused. */
export function asRead({ fingerprint }: JsonObject | { readonly fingerprint?: string }): object {
  return fingerprint === undefined ? {} : { fingerprint }
}
