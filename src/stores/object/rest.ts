import { isRolloutError } from '../../core/errors.ts'
import { NO_TIME, type Away, type Bucket, type PutCondition } from './bucket.ts'
import { createHttp, type HttpAnswer } from './http.ts'
import { textsIn } from './xml.ts'

type Headers = Readonly<Record<string, string>>

/** Where one cloud keeps objects, and how it says what all of them say in URLs, headers and XML. */
export interface Dialect {
  /** For people and claims. */
  readonly name: string
  readonly endpoint: string
  /** The path of the bucket below the endpoint, `/journals`. */
  readonly path: string
  /** What the names of all objects begin with. */
  readonly prefix: string
  /** Headers of every request: what it is allowed by, for one. */
  always(): Promise<Headers>
  /** Headers of every write, and those by which one is conditional. */
  readonly writing: Headers
  when(condition: PutCondition): Headers
  /** The header of an answer that tells an object's version. */
  readonly version: string
  /** The code of an object that is not there; a bucket that is not there has another. */
  readonly absent: string
  /** Codes by which a write is refused whose condition does not hold. */
  readonly refused: readonly string[]
  /** The query of a list, the name of its page, and the elements of its answer. */
  readonly list: string
  readonly page: string
  readonly names: string
  readonly next: string
}

/** A bucket by the three calls that a store needs. It waits so long for each answer. */
export function restBucket(dialect: Dialect, patienceMs?: number): Bucket {
  const { name, endpoint, path, prefix, version, absent } = dialect
  const { send, close } = createHttp(endpoint, patienceMs)

  async function ask(method: 'GET' | 'PUT', below: string, more: Headers = {}, body?: string): Promise<Answer> {
    try {
      const headers = { ...(await dialect.always()), ...more }
      return answerOf(await send({ method, path: path + below, headers, ...(body === undefined ? {} : { body }) }))
    } catch (error) {
      // No waiting would help where a package is missing.
      if (isRolloutError(error)) throw error
      return answerOf({ status: 0, sent: false, headers: {}, text: (error as Error).message })
    }
  }
  const at = (object: string) => `/${(prefix + dotless(object)).split('/').map(encodeURIComponent).join('/')}`

  return {
    name,
    close,

    async put(object, body, condition) {
      const answer = await ask('PUT', at(object), { ...dialect.writing, ...dialect.when(condition) }, body)
      const { status, code, headers } = answer
      if (status === 200 || status === 201) return { status: 200, etag: String(headers[version]) }
      if (dialect.refused.includes(code) || code === absent) return { status: 412 }
      return mayHaveLanded(answer) ? { status: 'unknown' } : answer.away
    },

    async get(object) {
      const { status, code, away, headers, text } = await ask('GET', at(object))
      if (status !== 200 && code !== absent) return away
      const [date, etag] = [Date.parse(String(headers['date'])), headers[version]]
      if (Number.isNaN(date)) return NO_TIME
      if (status !== 200) return { status: 404, date }
      // Without a version what is written next would be written over anything.
      return typeof etag === 'string' ? { status: 200, etag, body: text, date } : NO_VERSION
    },

    async list(start, page) {
      const query = [dialect.list, 'delimiter=%2F', `prefix=${encodeURIComponent(prefix + dotless(start))}`]
      if (page !== undefined) query.push(`${dialect.page}=${encodeURIComponent(page)}`)
      const { status, away, text } = await ask('GET', `?${query.join('&')}`)
      if (status !== 200) return away
      const [next] = textsIn(text, dialect.next)
      const names = textsIn(text, dialect.names).map((one) => one.slice(prefix.length).replaceAll(DOT, '.'))
      return { status: 200, names, ...(next === undefined ? {} : { next }) }
    },
  }
}

const NO_VERSION: Away = { status: 503, why: 'it did not say which version it is' }
const DOT = '%2E'

/** A server takes dots between slashes for a way up, and may drop one that ends a name. */
function dotless(name: string): string {
  return name.replaceAll('.', DOT)
}

interface Answer extends HttpAnswer {
  /** The server's own. */
  readonly code: string
  /** What this is to a write that did nothing, and to whoever reads. */
  readonly away: Away
}

function answerOf(answer: HttpAnswer): Answer {
  const { status, text } = answer
  const [code = ''] = textsIn(text, 'Code')
  const busy = status === 429 || code === 'ServerBusy'
  // Behind its first line stand numbers of the request.
  const words = textsIn(text, 'Message|Details').map((one) => one.split('\n')[0])
  const said = words.join(' ')
  const why = status === 0 ? text : (code || `status ${status}`) + (said && `: ${said}`)
  return { ...answer, code, away: { status: 503, why, ...(busy ? { busy } : {}) } }
}

/** Whether a write may have been carried out: by a server that failed, or was not heard. */
function mayHaveLanded({ status, sent, away }: Answer): boolean {
  return sent && !away.busy && (status === 0 || status === 408 || status >= 500)
}
