import type { Client, Dispatcher } from 'undici'

/** Which of the three kinds of request. */
export type Kind = 'get' | 'post' | 'stream'

/** How one request ended. */
export interface Outcome {
  readonly kind: Kind
  /** Absent when it was answered by 2xx, whole, in time and with the right body. */
  readonly why?: string
  readonly status?: number
  /** What the answer's `x-image` says. */
  readonly image?: string
}

/** What to ask for, and what makes the answer right. */
export interface Question {
  readonly kind: Kind
  readonly path: string
  readonly body?: string
  /** Aborted when the answer takes too long; the reason's name is then `TimeoutError`. */
  readonly signal: AbortSignal
  /** Told of each piece of the body as it arrives. */
  onChunk?(): void
}

/** Asks once. A connection that breaks is a failed request, never a reason to ask again. */
export async function ask(connection: Client, question: Question): Promise<Outcome> {
  const { kind, path, body = null, signal } = question
  const seen: { status?: number; image?: string } = {}
  try {
    const answer = await connection.request({ path, method: body === null ? 'GET' : 'POST', body, signal })
    seen.status = answer.statusCode
    const image = answer.headers['x-image']
    if (typeof image === 'string') seen.image = image
    const text = await readBody(answer.body, question)
    const why = wrongWith(answer, body, text)
    return { kind, ...seen, ...(why === undefined ? {} : { why }) }
  } catch (error) {
    return { kind, ...seen, why: signal.aborted ? 'took too long' : `cut: ${String((error as { code?: string }).code ?? error)}` }
  }
}

async function readBody(body: Dispatcher.ResponseData['body'], { onChunk }: Question): Promise<string> {
  let text = ''
  for await (const chunk of body as AsyncIterable<Buffer>) {
    text += chunk.toString('latin1')
    onChunk?.()
  }
  return text
}

function wrongWith({ statusCode, headers }: Dispatcher.ResponseData, sent: string | null, received: string): string | undefined {
  const said = headers['x-imago-balancer']
  if (statusCode < 200 || statusCode > 299)
    return said === undefined ? `status ${statusCode}` : `status ${statusCode} (${String(said)})`
  return sent !== null && sent !== received ? 'the echoed body is not the one that was sent' : undefined
}
