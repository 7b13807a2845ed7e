import { rolloutError } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { AppendResult, RolloutStore } from '../../core/ports.ts'
import type { Bucket } from './bucket.ts'
import { away, write } from './write.ts'

// B1. One append is one object, named by the place of its first entry: it is there whole or not at all, and never changes.
// B2. It is written only where another object ends, which stays so: of all that want the place, one name is contended for.

/** Entries after which a read ends its page. */
const PAGE = 500

interface Batch {
  readonly nonce: string
  readonly entries: readonly JsonObject[]
}

/** The streams of a bucket. */
export function objectLog(bucket: Bucket, nonce: () => string): Pick<RolloutStore, 'append' | 'read' | 'list'> {
  /** Where each stream was last seen to end, which spares the owner of a stream a look before each append. */
  const ends = new Map<string, number>()

  async function append(stream: string, atSeq: number, entries: readonly JsonObject[]): Promise<AppendResult> {
    // An object without entries would take the place for good.
    if (entries.length === 0) return 'appended'
    if (atSeq !== 1 && ends.get(stream) !== atSeq && !(await endsBefore(bucket, stream, atSeq))) return 'taken'
    const batch: Batch = { nonce: nonce(), entries }
    const name = batchName(stream, atSeq)
    const result = await write(bucket, name, JSON.stringify(batch), { ifNoneMatch: '*' })
    if (typeof result === 'object') throw away(bucket, stream, result.why)
    const outcome = result === 'unsure' ? await readBack(bucket, name, batch.nonce) : OUTCOMES[result]
    if (outcome === 'appended') ends.set(stream, atSeq + entries.length)
    return outcome
  }

  async function read(stream: string, fromSeq: number): Promise<readonly JsonObject[]> {
    const places = await placesOf(bucket, stream)
    const first = Math.max(1, fromSeq)
    const start = places.findLastIndex((place) => place <= first)
    const page: JsonObject[] = []
    for (const place of start < 0 ? [] : places.slice(start)) {
      const { entries } = await batchAt(bucket, stream, place)
      page.push(...entries.slice(Math.max(0, first - place)))
      if (page.length >= PAGE) break
    }
    return page
  }

  return { append, read, list: (prefix) => streamNames(bucket, prefix) }
}

const OUTCOMES = { written: 'appended', refused: 'taken' } as const

/** Whose batch is there, after an answer that nobody heard. */
async function readBack(bucket: Bucket, name: string, nonce: string): Promise<AppendResult> {
  const found = await bucket.get(name)
  if (found.status !== 200) return 'unknown'
  return (JSON.parse(found.body) as Batch).nonce === nonce ? 'appended' : 'taken'
}

async function endsBefore(bucket: Bucket, stream: string, seq: number): Promise<boolean> {
  const place = (await placesOf(bucket, stream)).findLast((one) => one < seq)
  return place !== undefined && place + (await batchAt(bucket, stream, place)).entries.length === seq
}

async function batchAt(bucket: Bucket, stream: string, place: number): Promise<Batch> {
  const found = await bucket.get(batchName(stream, place))
  if (found.status === 503) throw away(bucket, stream, found.why)
  if (found.status === 200) return JSON.parse(found.body) as Batch
  const why = 'it was listed and is not there'
  throw rolloutError('store-corrupt', `The journal ${stream} is damaged at ${place}: ${why}.`, { stream, seq: place, why })
}

/** Sequences at which the objects of a stream begin, in order. */
async function placesOf(bucket: Bucket, stream: string): Promise<number[]> {
  const prefix = folder(stream)
  return (await namesIn(bucket, prefix, stream)).map((name) => Number(name.slice(prefix.length)))
}

async function streamNames(bucket: Bucket, prefix: string): Promise<string[]> {
  const folders = await namesIn(bucket, LOG + encodeURIComponent(prefix), prefix)
  return folders.map((name) => decodeURIComponent(name.slice(LOG.length, -1))).sort()
}

/** All pages of a list. */
async function namesIn(bucket: Bucket, prefix: string, about: string): Promise<string[]> {
  const names: string[] = []
  for (let page: string | undefined; ;) {
    const answer = await bucket.list(prefix, page)
    if (answer.status === 503) throw away(bucket, about, answer.why)
    names.push(...answer.names)
    page = answer.next
    if (page === undefined) return names
  }
}

const LOG = 'log/'
/** Padded to this length the order of names is that of numbers. */
const DIGITS = 12

/** Encoded, so that no name of a stream lies in the folder of another. */
function folder(stream: string): string {
  return `${LOG}${encodeURIComponent(stream)}/`
}

function batchName(stream: string, place: number): string {
  return `${folder(stream)}${String(place).padStart(DIGITS, '0')}`
}
