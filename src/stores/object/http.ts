import type { Agent } from 'undici'
import { UNSENT } from '../../core/errors.ts'

/** One request, to be sent once. */
export interface HttpRequest {
  readonly method: 'GET' | 'PUT'
  /** Below the endpoint, with a query where there is one. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** What became of a request. */
export interface HttpAnswer {
  /** 0: nobody heard an answer. */
  readonly status: number
  /** Whether it may have reached the server. */
  readonly sent: boolean
  readonly headers: Readonly<Record<string, unknown>>
  /** What was answered, or why nothing was. */
  readonly text: string
}

interface Http {
  /** Never rejects. Whether to repeat a request is for others to say; redirects are not followed, for they were not given the headers. */
  send(request: HttpRequest): Promise<HttpAnswer>
  /** Cuts what is under way, and refuses what comes later. */
  close(): void
}

/** Sends requests to an endpoint, and waits so long for each; nothing is loaded or opened before the first. */
export function createHttp(endpoint: string, patienceMs = 15_000): Http {
  const { origin, pathname } = new URL(endpoint)
  let agent: Promise<Agent> | undefined
  let isClosed = false
  return {
    async send({ path, ...request }) {
      if (isClosed) return unheard(false, 'the store was closed')
      agent ??= import('undici').then((undici) => new undici.Agent())
      try {
        const signal = AbortSignal.timeout(patienceMs)
        const answer = await (await agent).request({ origin, path: pathname.replace(/\/$/, '') + path, ...request, signal })
        return { status: answer.statusCode, sent: true, headers: answer.headers, text: await answer.body.text() }
      } catch (error) {
        const { code = '', message } = error as { code?: string; message: string }
        // An address of several machines fails with an error of several, which has no words.
        return unheard(!UNSENT.has(code), message || code)
      }
    },
    close() {
      isClosed = true
      void agent?.then((opened) => opened.destroy())
    },
  }
}

function unheard(sent: boolean, text: string): HttpAnswer {
  return { status: 0, sent, headers: {}, text }
}
