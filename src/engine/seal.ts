import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { rolloutError } from '../core/errors.ts'
import type { Json } from '../core/json.ts'
import type { Runtime } from './runtime.ts'

// X1. What must be kept but not shown is encrypted with a key of the rollout's own.
// X2. The key lies in a cell beside the log and is destroyed when the rollout ends: an append-only log forgets that way.

const ALGORITHM = 'aes-256-gcm'

/** Seals and opens the hidden parts of one rollout's entries. */
export interface Seal {
  /** `undefined` for null: there is nothing to hide. */
  close(runtime: Runtime, value: Json): Promise<string | undefined>
  /** Null when the key has been destroyed. */
  open(runtime: Runtime, sealed: string | undefined): Promise<Json>
  /** Destroys the key. */
  forget(runtime: Runtime): Promise<void>
}

/** What was sealed with a key. @throws Error when it was not, or is damaged. */
function opened(sealed: string, key: KeyObject): Json {
  const [nonce, tag, body] = sealed.split('.').map((part) => Buffer.from(part, 'base64'))
  const decipher = createDecipheriv(ALGORITHM, key, nonce ?? NOTHING)
  decipher.setAuthTag(tag ?? NOTHING)
  return JSON.parse(Buffer.concat([decipher.update(body ?? NOTHING), decipher.final()]).toString('utf8')) as Json
}

const NOTHING = Buffer.alloc(0)

/** The seal of a rollout; its key is made with the first thing that is sealed. */
export function sealOf(rolloutId: string): Seal {
  const cell = `seal/${rolloutId}`
  let known: KeyObject | undefined
  return {
    async close(runtime, value) {
      if (value === null) return undefined
      const nonce = runtime.system.secret(12)
      const cipher = createCipheriv(ALGORITHM, await key(runtime), nonce)
      const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
      return [nonce, cipher.getAuthTag(), body].map((part) => Buffer.from(part).toString('base64')).join('.')
    },
    async open(runtime, sealed) {
      if (sealed === undefined) return null
      const found = known ?? (await stored(runtime))
      if (found === undefined) return null
      try {
        return opened(sealed, found)
      } catch (cause) {
        const why = 'it was sealed with another key, or is damaged'
        throw rolloutError(
          'store-corrupt',
          `A sealed part of ${rolloutId} cannot be opened: ${why}.`,
          { stream: cell, seq: 0, why },
          cause,
        )
      }
    },
    async forget({ store }) {
      const there = await store.get(cell)
      if (there !== undefined) await store.compareAndSet(cell, there.version, null)
      known = undefined
    },
  }

  async function key(runtime: Runtime): Promise<KeyObject> {
    known ??= (await stored(runtime)) ?? (await made(runtime))
    return known
  }
  async function stored({ store }: Runtime): Promise<KeyObject | undefined> {
    const there = await store.get(cell)
    if (typeof there?.value !== 'string') return undefined
    known = createSecretKey(there.value, 'base64')
    return known
  }
  async function made(runtime: Runtime): Promise<KeyObject> {
    const fresh = runtime.system.secret(32)
    await runtime.store.compareAndSet(cell, undefined, Buffer.from(fresh).toString('base64'))
    // Whoever came first, and whatever became of the write, what is there now is the key.
    const there = await stored(runtime)
    if (there === undefined)
      throw rolloutError('store-unavailable', `The key of ${rolloutId} could not be written.`, { stream: cell })
    return there
  }
}
