import { createServer, type Server } from 'node:http'
import { forward } from './exchange.ts'
import { LISTEN_RETRY_MS, type ClientLimits } from './limits.ts'
import type { Route } from './route.ts'
import type { ListenAddress } from './table.ts'

const SWEEP_INTERVAL_MS = 50

/** One port that requests come in by. */
export interface Listener {
  /** What was asked for. */
  readonly wanted: ListenAddress
  /** Where it listens; `undefined` until it does. */
  address(): ListenAddress | undefined
  /** Why it does not listen. */
  error(): string | undefined
  /** Resolves when the first attempt has ended, well or not. */
  readonly tried: Promise<void>
  /** Takes no new connection; resolves when the last request has ended, or was cut because the signal aborted. */
  close(signal?: AbortSignal): Promise<void>
}

/** Opens a port for a route. A port that cannot be had is asked for again until it can. */
export function openListener(wanted: ListenAddress, route: Route, limits: ClientLimits): Listener {
  let error: string | undefined
  let retry: NodeJS.Timeout | undefined
  let closing = false
  const server = createServer({ ...limits, noDelay: true, optimizeEmptyRequests: true }, (request, response) => {
    if (closing) response.shouldKeepAlive = false
    forward(route, request, response)
  })
  const listen = () => server.listen({ host: wanted.host, port: wanted.port, backlog: 1_024 })
  const tried = new Promise<void>((resolve) => {
    server.on('listening', () => {
      error = undefined
      resolve()
      // A host name may have been looked up while the listener was closed.
      if (closing) server.close()
    })
    server.on('error', (failure: NodeJS.ErrnoException) => {
      resolve()
      if (server.listening) return
      error = `${wanted.host}:${wanted.port} cannot be listened on (${failure.code ?? failure.message}); it is tried again every ${LISTEN_RETRY_MS} ms`
      if (!closing) retry = setTimeout(listen, LISTEN_RETRY_MS)
    })
  })
  listen()

  return {
    wanted,
    tried,
    address: () => addressOf(server, wanted),
    error: () => error,
    close(signal) {
      closing = true
      clearTimeout(retry)
      return closeServer(server, signal)
    },
  }
}

function addressOf(server: Server, { host }: ListenAddress): ListenAddress | undefined {
  const bound = server.address()
  return bound === null || typeof bound === 'string' ? undefined : { host, port: bound.port }
}

function closeServer(server: Server, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const cut = () => server.closeAllConnections()
    // A connection becomes idle when its answer has been written: nothing tells of it, so it is looked for.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_INTERVAL_MS)
    signal?.addEventListener('abort', cut)
    server.close(() => {
      clearInterval(sweep)
      signal?.removeEventListener('abort', cut)
      resolve()
    })
    if (signal?.aborted) cut()
  })
}
