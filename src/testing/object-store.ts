import { randomUUID } from 'node:crypto'
import type { RolloutStore } from '../core/ports.ts'
import type { Bucket } from './object-store/bucket.ts'
import { objectCells } from './object-store/cells.ts'
import { objectLog } from './object-store/log.ts'
import { away } from './object-store/write.ts'

/** How an object store is opened. */
export interface ObjectStoreOptions {
  /** Marks what one append or cell wrote; never the same twice. @default - random */
  readonly nonce?: () => string
}

/**
 * A store on nothing but conditional PUT, GET and LIST: that these three are enough is what it shows.
 * A bucket that turns calls away is `store-unavailable`; a write of which nothing was heard is read back before it is called `unknown`.
 */
export function objectStore(bucket: Bucket, options: ObjectStoreOptions = {}): RolloutStore {
  const nonce = options.nonce ?? randomUUID
  return {
    contract: 1,
    kind: 'object',
    id: `object:${bucket.name}`,
    ...objectLog(bucket, nonce),
    ...objectCells(bucket, nonce),
    async now() {
      const answer = await bucket.get('clock')
      if (answer.status === 503) throw away('the clock')
      return answer.date
    },
    close: () => Promise.resolve(),
  }
}
