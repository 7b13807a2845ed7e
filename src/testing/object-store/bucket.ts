import { createHash } from 'node:crypto'
import type { Bucket, PutAnswer, PutCondition } from '../../stores/object/bucket.ts'
import type { BucketFault } from './faults.ts'

/** How a bucket is made. */
export interface BucketOptions {
  /** @default 'bucket' */
  readonly name?: string
  /** The server's clock, epoch milliseconds. @default - this machine's */
  readonly now?: () => number
  /** Names that one LIST answers at most. @default 1000 */
  readonly pageSize?: number
  /** What goes wrong with the next call. @default - nothing ever */
  readonly fault?: (call: 'put' | 'get' | 'list') => BucketFault | undefined
}

/** A bucket in memory that answers as object stores do. */
export function createBucket(options: BucketOptions = {}): Bucket {
  const { name = 'bucket', now = () => Date.now(), pageSize = 1_000, fault = () => undefined } = options
  const objects = new Map<string, { readonly etag: string; readonly body: string }>()
  const late = createLateWrites()
  // An answer takes a moment, in which others have their turn.
  const arrival = async (call: 'put' | 'get' | 'list') => {
    await Promise.resolve()
    late.countCall()
    return fault(call)
  }
  const date = () => Math.floor(now() / 1_000) * 1_000

  function write(object: string, body: string, condition: PutCondition): PutAnswer {
    const there = objects.get(object)
    if ('ifMatch' in condition && there === undefined) return { status: 404 }
    if ('ifMatch' in condition ? there?.etag !== condition.ifMatch : there !== undefined) return { status: 412 }
    const etag = createHash('sha256').update(body).digest('hex').slice(0, 32)
    objects.set(object, { etag, body })
    return { status: 200, etag }
  }

  return {
    name,
    async put(object, body, condition) {
      const wrong = await arrival('put')
      if (wrong?.kind === 'away') return { status: 503 }
      if (wrong?.kind === 'conflict') return { status: 409 }
      if (wrong === undefined) return write(object, body, condition)
      if (wrong.landsAfterCalls !== undefined) late.add(wrong.landsAfterCalls, () => write(object, body, condition))
      return { status: 'unknown' }
    },
    async get(object) {
      if ((await arrival('get')) !== undefined) return { status: 503 }
      const there = objects.get(object)
      return there === undefined ? { status: 404, date: date() } : { status: 200, ...there, date: date() }
    },
    async list(prefix, page = '') {
      if ((await arrival('list')) !== undefined) return { status: 503 }
      const found = [...objects.keys()].filter((object) => object.startsWith(prefix)).map((object) => toSlash(object, prefix))
      const names = [...new Set(found)].filter((one) => one > page).sort()
      const last = names[pageSize - 1]
      return { status: 200, names: names.slice(0, pageSize), ...(names.length > pageSize && last ? { next: last } : {}) }
    },
  }
}

/** A name up to the first slash behind the prefix. */
function toSlash(object: string, prefix: string): string {
  const slash = object.indexOf('/', prefix.length)
  return slash < 0 ? object : object.slice(0, slash + 1)
}

/** Writes on their way. They land after so many further calls: the order of calls is all the time that a bucket knows. */
function createLateWrites() {
  let waiting: { left: number; readonly land: () => void }[] = []
  return {
    add(calls: number, land: () => void) {
      if (calls === 0) land()
      else waiting.push({ left: calls, land })
    },
    countCall() {
      for (const write of waiting) if (--write.left === 0) write.land()
      waiting = waiting.filter((write) => write.left > 0)
    },
  }
}
