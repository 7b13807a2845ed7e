import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Client, Dispatcher } from 'undici'
import { answerItself, whyFailed, type OwnAnswer } from './answers.ts'
import { answerHeaders, requestHeaders, type ParsedHeaders } from './headers.ts'
import type { Pool } from './pool.ts'
import { choose, type Route } from './route.ts'
import type { Target } from './target.ts'

type Controller = Dispatcher.DispatchController

const CLIENT_GONE = new Error('The client is gone.')

/** Sends a request to an instance and its answer back. */
export function forward(route: Route, request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? ''
  const pool = route.next()
  if (!path.startsWith('/')) answerItself(response, 'bad-target')
  else if (pool === undefined) answerItself(response, 'no-instance')
  else new Exchange(route, pool, request, response).start(path)
}

/**
 * One request on its way to an instance and back. It is a handler of undici, one object a request with no closure for each event: this is
 * what the balancer does all day.
 */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #route: Route
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #startedAt = performance.now()
  readonly #tried: Target[] = []
  #pool: Pool
  #options: Dispatcher.DispatchOptions | undefined
  #target: Target | undefined
  #connection: Client | undefined
  #controller: Controller | undefined
  #latencyMs: number | undefined
  /** Bytes of the body that the instance announced. */
  #announced = -1
  #ended = false

  constructor(route: Route, pool: Pool, request: IncomingMessage, response: ServerResponse) {
    this.#route = route
    this.#pool = pool
    this.#request = request
    this.#response = response
  }

  start(path: string): void {
    const request = this.#request
    const headers = requestHeaders(request)
    this.#options = {
      path,
      method: request.method as Dispatcher.HttpMethod,
      headers,
      body: hasBody(request) ? (upload(request) as never) : null,
    }
    this.#response.on('close', () => this.#clientClosed())
    this.#send()
  }

  #send(): void {
    const choice = choose(this.#route, this.#pool, this.#tried, Date.now())
    if (choice === undefined) return this.#fail(this.#tried.length === 0 ? 'no-instance' : 'connect-failed')
    this.#pool = choice.pool
    this.#target = choice.target
    this.#connection = choice.target.take()
    this.#connection.dispatch(this.#options as Dispatcher.DispatchOptions, this)
  }

  /** From here on bytes of the request may have reached the instance: it is never sent again. */
  onRequestStart(controller: Controller): void {
    this.#controller = controller
    this.#target?.reached()
    if (this.#ended) controller.abort(CLIENT_GONE)
  }

  onResponseStart(controller: Controller, status: number, headers: ParsedHeaders, text?: string): void {
    if (status < 200) return
    this.#latencyMs = performance.now() - this.#startedAt
    const length = headers['content-length']
    if (typeof length === 'string') this.#announced = Number(length)
    this.#response.writeHead(status, text ?? '', answerHeaders(headers))
    showLater(this.#response)
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    const response = this.#response
    if (chunk.length === this.#announced) {
      // All of it at once, as most answers are: head and body leave in one write.
      response.end(chunk.toString('latin1'), 'latin1')
    } else if (!response.write(chunk)) {
      controller.pause()
      response.once('drain', () => controller.resume())
    }
  }

  onResponseEnd(_controller: Controller, trailers: ParsedHeaders): void {
    const response = this.#response
    if (!response.writableEnded) {
      for (const name in trailers) response.addTrailers({ [name]: trailers[name] as string })
      response.end()
    }
    this.#end(response.statusCode >= 500)
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    if (this.#controller === undefined) return this.#notSent(error)
    if (this.#ended) return this.#release()
    if (this.#latencyMs === undefined) return this.#fail(whyFailed(error))
    // The head has been passed on: all that can be told now is that the rest is missing.
    this.#end(true)
    this.#response.destroy()
  }

  /** Not a byte has left, so another instance may be asked. */
  #notSent(error: Error): void {
    this.#release()
    if (this.#ended) return
    if (error.name === 'InvalidArgumentError' || error.name === 'NotSupportedError') return this.#fail('bad-target')
    const target = this.#target as Target
    target.eject(Date.now())
    this.#tried.push(target)
    this.#send()
  }

  #clientClosed(): void {
    if (this.#ended) return
    this.#count(false)
    this.#ended = true
    this.#controller?.abort(CLIENT_GONE)
  }

  #fail(why: OwnAnswer): void {
    this.#end(true)
    answerItself(this.#response, why)
  }

  #end(failed: boolean): void {
    this.#count(failed)
    this.#ended = true
    this.#release()
  }

  #count(failed: boolean): void {
    this.#pool.counters.add(Date.now(), failed, this.#latencyMs)
  }

  #release(): void {
    if (this.#connection === undefined) return
    this.#target?.giveBack(this.#connection)
    this.#connection = undefined
  }
}

let heads: ServerResponse[] = []

/** An answer whose body takes its time shows its head at once; most have ended by then. One timer for all of a turn of the event loop. */
function showLater(response: ServerResponse): void {
  if (heads.push(response) === 1) setImmediate(showHeads)
}

function showHeads(): void {
  const waiting = heads
  heads = []
  for (const response of waiting) if (!response.writableEnded) response.flushHeaders()
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/** The body, read as fast as the instance takes it. What an instance does not want is read and dropped, so that its answer arrives. */
async function* upload(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk as Buffer
  } finally {
    request.resume()
  }
}
