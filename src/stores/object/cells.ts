import type { Json } from '../../core/json.ts'
import type { RolloutStore } from '../../core/ports.ts'
import type { Bucket, PutCondition } from './bucket.ts'
import { away, write } from './write.ts'

/** A cell as it lies in its object; the nonce makes every version another one. A removed cell has the value null. */
interface CellBody {
  readonly nonce: string
  readonly value: Json
}

/** The cells of a bucket: one object each, whose etag is the version. */
export function objectCells(bucket: Bucket, nonce: () => string): Pick<RolloutStore, 'get' | 'compareAndSet'> {
  async function look(key: string): Promise<(CellBody & { readonly etag: string }) | undefined> {
    const found = await bucket.get(nameOf(key))
    if (found.status === 503) throw away(bucket, key, found.why)
    return found.status === 404 ? undefined : { ...(JSON.parse(found.body) as CellBody), etag: found.etag }
  }

  /** `undefined` when the expected version is already known not to be there. */
  async function conditionFor(key: string, expected: string | undefined): Promise<PutCondition | undefined> {
    if (expected !== undefined) return { ifMatch: expected }
    const there = await look(key)
    if (there === undefined) return { ifNoneMatch: '*' }
    return there.value === null ? { ifMatch: there.etag } : undefined
  }

  return {
    async get(key) {
      const there = await look(key)
      return there === undefined || there.value === null ? undefined : { version: there.etag, value: there.value }
    },
    async compareAndSet(key, expected, value) {
      const condition = await conditionFor(key, expected)
      if (condition === undefined) return 'lost'
      const body: CellBody = { nonce: nonce(), value }
      const result = await write(bucket, nameOf(key), JSON.stringify(body), condition)
      if (typeof result === 'object') throw away(bucket, key, result.why)
      if (result !== 'unsure') return result === 'written' ? 'set' : 'lost'
      return (await isMine(bucket, key, body.nonce)) ? 'set' : 'unknown'
    },
  }
}

/** If another's value is there, one's own may have been there before it, or may not. */
async function isMine(bucket: Bucket, key: string, nonce: string): Promise<boolean> {
  const found = await bucket.get(nameOf(key))
  return found.status === 200 && (JSON.parse(found.body) as CellBody).nonce === nonce
}

function nameOf(key: string): string {
  return `cell/${encodeURIComponent(key)}`
}
