import { request } from 'node:http'

/** One request over a unix socket. */
export interface SocketRequest {
  readonly socket: string
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal
  readonly timeoutMs: number
}

/** What came back. */
export interface SocketAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: unknown
}

/** A request without an answer, and whether the other side may have seen it. */
export interface SocketFault {
  readonly sent: boolean
  readonly cause: Error
}

/** Asks once, on a connection of its own: nothing stays open, and a dead peer is told apart from a silent one. */
export function askSocket(ask: SocketRequest): Promise<SocketAnswer | SocketFault> {
  return new Promise((resolve) => {
    if (ask.signal?.aborted === true) return resolve({ sent: false, cause: new DOMException('let go', 'AbortError') })
    let sent = false
    const text = ask.body === undefined ? '' : JSON.stringify(ask.body)
    const headers = { ...ask.headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
    const { socket: socketPath, method, path } = ask
    const outgoing = request({
      socketPath,
      method,
      path,
      headers,
      agent: false,
      timeout: ask.timeoutMs,
      ...(ask.signal && { signal: ask.signal }),
    })
    const fail = (cause: Error) => resolve({ sent, cause })
    outgoing.on('socket', (socket) => socket.once('connect', () => (sent = true)))
    outgoing.on('timeout', () => outgoing.destroy(new DOMException(`no answer within ${ask.timeoutMs} ms`, 'TimeoutError')))
    outgoing.on('error', fail)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', fail)
      incoming.on('end', () => {
        try {
          const whole = Buffer.concat(chunks).toString()
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: whole === '' ? undefined : JSON.parse(whole),
          })
        } catch (cause) {
          fail(cause as Error)
        }
      })
    })
    outgoing.end(text)
  })
}
