import type { JsonObject } from '../../../src/core/json.ts'
import { BODY, gcpFailure } from './failures.ts'
import { within } from './letting-go.ts'

/** A request as it goes over the wire. */
export interface JsonRequest {
  readonly verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `projects/web-prod/global/urlMaps/web`, with a query where there is one. */
  readonly path: string
  /** @default - nothing */
  readonly body?: object
}

/** A client, as far as it sends what it did not write itself. */
export interface Sender {
  readonly auth: { fetch(url: string, init: object): Promise<Answer> }
}

interface Answer {
  readonly ok: boolean
  readonly status: number
  text(): Promise<string>
}

/** As the client asks for it itself: refusals are answers, but for those upon which its credentials are renewed. */
const READING = { responseType: 'stream', retry: false, validateStatus: (status: number) => status !== 401 && status !== 403 }

/** Sends a request once, and reads its answer. @throws RolloutError `call-failed`. */
export async function sendJson(
  client: unknown,
  root: string,
  name: string,
  { verb, path, body }: JsonRequest,
  signal: AbortSignal,
): Promise<JsonObject> {
  const { auth } = client as Sender
  const init = {
    ...READING,
    method: verb,
    headers: new Headers({ 'content-type': 'application/json' }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
  try {
    const answer = await within(signal, () => auth.fetch(`${root}${path}`, init))
    const text = await answer.text()
    if (!answer.ok) throw refused(answer.status, text)
    return JSON.parse(text) as JsonObject
  } catch (error) {
    throw gcpFailure(name, statusTold(error))
  }
}

/** A refusal in the form in which the client throws its own. */
function refused(status: number, text: string): Error {
  return Object.assign(new Error(messageIn(text)), { httpStatusCode: status, [BODY]: text })
}

function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } }
    return error?.message ?? text
  } catch {
    return text
  }
}

/** What credentials refuse has its status elsewhere. */
function statusTold(error: unknown): unknown {
  const { status, httpStatusCode, message } = error as { status?: unknown; httpStatusCode?: number; message?: string }
  return typeof status === 'number' && httpStatusCode === undefined ? refused(status, message ?? '') : error
}
