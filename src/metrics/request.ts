import { callFailed, isRolloutError, type CallFailureClass } from '../core/errors.ts'

/** An answer that is larger is none that anybody meant. */
const MOST_BYTES = 1_048_576

/** What a status that is not 2xx says; what is not named here is `invalid`. */
const CLASSES: Readonly<Record<number, CallFailureClass>> = {
  401: 'denied',
  403: 'denied',
  404: 'not-found',
  408: 'transient',
  410: 'not-found',
  429: 'throttled',
}

/**
 * Asks an address by GET. An empty body is `null`, and one that is no JSON its own text. Redirects are not followed: where
 * they lead was not given the headers.
 *
 * No error shows more of the address than its origin, nor has a cause, which might.
 *
 * @throws RolloutError `call-failed`.
 */
export async function requestJson(
  send: typeof fetch,
  address: URL,
  { headers, signal }: { readonly headers: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<unknown> {
  try {
    const response = await send(address, { headers: { accept: 'application/json', ...headers }, signal, redirect: 'manual' })
    if (response.ok) return parse(await textOf(response, address))
    await response.body?.cancel()
    throw refused(response, address)
  } catch (error) {
    throw isRolloutError(error, 'call-failed') ? error : lost(error, address, signal)
  }
}

async function textOf({ body }: Response, { origin }: URL): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES) throw callFailed('invalid', 'read', `${origin} answered with more than ${MOST_BYTES} bytes.`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function parse(text: string): unknown {
  if (text.trim() === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function refused({ status, headers }: Response, { origin }: URL) {
  const waitMs = Number(headers.get('retry-after') ?? Number.NaN) * 1_000
  return callFailed(
    CLASSES[status] ?? (status >= 500 ? 'transient' : 'invalid'),
    'read',
    `${origin} answered with status ${status}.`,
    {
      native: String(status),
      ...(Number.isFinite(waitMs) ? { retryAfterMs: waitMs } : {}),
    },
  )
}

function lost(error: unknown, { origin }: URL, signal: AbortSignal) {
  if (signal.aborted) return callFailed('transient', 'read', `Nobody waits for ${origin} any more.`)
  const native = codeOf(error) ?? codeOf((error as { cause?: unknown } | undefined)?.cause)
  const why = native === undefined ? '' : `: ${native}`
  return callFailed('transient', 'read', `${origin} could not be asked${why}.`, native === undefined ? {} : { native })
}

/** The system's own word for what went wrong, such as `ECONNREFUSED`. */
function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : undefined
}
