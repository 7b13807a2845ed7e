import { randomUUID } from 'node:crypto'
import type { RolloutStore } from '../../core/ports.ts'
import type { Bucket } from './bucket.ts'
import { objectCells } from './cells.ts'
import { objectLog } from './log.ts'
import { away } from './write.ts'

/** How a store of objects is opened. */
export interface ObjectStoreOptions {
  /** What the store is called: `s3`, `object`. */
  readonly kind: string
  /** Marks what one append or cell wrote; never the same twice. @default - random */
  readonly nonce?: () => string
}

/**
 * A store on nothing but conditional PUT, GET and LIST.
 * A bucket that turns calls away is `store-unavailable`; a write of which nothing was heard is read back before it is called `unknown`.
 */
export function objectStore(bucket: Bucket, options: ObjectStoreOptions): RolloutStore {
  const nonce = options.nonce ?? randomUUID
  return {
    contract: 1,
    kind: options.kind,
    id: `${options.kind}:${bucket.name}`,
    ...objectLog(bucket, nonce),
    ...objectCells(bucket, nonce),
    async now() {
      const answer = await bucket.get('clock')
      if (answer.status === 503) throw away(bucket, 'the clock', answer.why)
      return answer.date
    },
    async close() {
      bucket.close?.()
    },
  }
}
