import { callFailed, isRolloutError, rolloutError, type ErrorCode, type ErrorFacts } from '../../../src/core/errors.ts'
import type { LocalPaths } from '../paths.ts'
import {
  CALL_EXPIRES_MS,
  HEADERS,
  PROTOCOL,
  type CallName,
  type Input,
  type Output,
  type ReadCalls,
  type WriteCalls,
} from '../protocol.ts'
import { askSocket, type SocketAnswer, type SocketFault } from '../socket.ts'
import { ensureDaemon } from './start.ts'

/** What a call is given beside its input. */
export interface CallOptions {
  /** Lets go of the call. @default - it runs to its end */
  readonly signal?: AbortSignal
  /** The same for every attempt of one command. @default - each stands for itself */
  readonly token?: string
}

/** Talks to the daemon of one home, and starts it when it is not there. Holds nothing open. */
export interface LocalClient {
  readonly paths: LocalPaths
  /** Reads; asked again when the daemon dies over it. */
  read<Name extends keyof ReadCalls>(name: Name, input: Input<Name>, options?: CallOptions): Promise<Output<Name>>
  /** Changes; `call-failed` of class `unknown` when the daemon dies over it or the signal aborts. */
  write<Name extends keyof WriteCalls>(name: Name, input: Input<Name>, options?: CallOptions): Promise<Output<Name>>
}

const ANSWER_WITHIN_MS = 60_000
/** How often a call is made again on a daemon that had to be started. */
const ATTEMPTS = 5

/** Makes a client; no I/O. */
export function createClient(paths: LocalPaths): LocalClient {
  async function call<Name extends CallName>(
    name: Name,
    input: Input<Name>,
    options: CallOptions,
    mayRepeat: boolean,
  ): Promise<Output<Name>> {
    for (let attempt = 1; ; attempt++) {
      const answer = await send(paths, name, input, options)
      if ('status' in answer) return outputOf<Name>(paths, answer)
      const aborted = options.signal?.aborted === true
      if (aborted || attempt === ATTEMPTS || (answer.sent && !mayRepeat)) throw lost(name, answer, mayRepeat)
      await ensureDaemon(paths, options.signal).catch((fault: unknown) => {
        throw isRolloutError(fault) ? fault : lost(name, { sent: false, cause: fault as Error }, mayRepeat)
      })
    }
  }
  return {
    paths,
    read: (name, input, options = {}) => call(name, input, options, true),
    write: (name, input, options = {}) => call(name, input, options, false),
  }
}

function send<Name extends CallName>(paths: LocalPaths, name: Name, input: Input<Name>, { signal, token }: CallOptions) {
  return askSocket({
    socket: paths.daemonSocket,
    method: 'POST',
    path: `/call/${name}`,
    headers: {
      [HEADERS.protocol]: String(PROTOCOL),
      [HEADERS.expiresAt]: String(Date.now() + CALL_EXPIRES_MS),
      ...(token === undefined ? {} : { [HEADERS.token]: encodeURIComponent(token) }),
    },
    body: input,
    timeoutMs: ANSWER_WITHIN_MS,
    ...(signal === undefined ? {} : { signal }),
  })
}

function outputOf<Name extends CallName>(paths: LocalPaths, answer: SocketAnswer): Output<Name> {
  const protocol = answer.headers[HEADERS.protocol]
  if (answer.status === 426 || protocol !== String(PROTOCOL)) throw otherProtocol(paths, String(protocol))
  if (answer.status === 200) return answer.body as Output<Name>
  const { code, message, facts } = answer.body as { code: ErrorCode; message: string; facts: ErrorFacts[ErrorCode] }
  throw rolloutError(code, message, facts)
}

function lost(name: string, { sent, cause }: SocketFault, isRead: boolean) {
  if (isRead || !sent) return callFailed('transient', name, `The daemon did not answer ${name}: ${cause.message}.`, { cause })
  return callFailed(
    'unknown',
    name,
    `The daemon was lost over ${name} (${cause.message}); it may or may not have been carried out.`,
    { cause },
  )
}

function otherProtocol(paths: LocalPaths, found: string) {
  const why = `the daemon of ${paths.home} speaks protocol ${found}, this imago speaks ${PROTOCOL}`
  return rolloutError('host-unfit', `${why}. Shut it down with the imago that started it, or give another home.`, { why })
}
