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
  close(value: Json): Promise<string | undefined>
  /** Null when the key has been destroyed. */
  open(sealed: string | undefined): Promise<Json>
  /** Destroys the key. */
  forget(): Promise<void>
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
export function sealOf(runtime: Runtime, rolloutId: string): Seal {
  const { store, caller, system } = runtime
  const cell = `seal/${rolloutId}`
  let known: KeyObject | undefined
  return {
    async close(value) {
      if (value === null) return undefined
      const nonce = system.secret(12)
      const cipher = createCipheriv(ALGORITHM, await key(), nonce)
      const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
      return [nonce, cipher.getAuthTag(), body].map((part) => Buffer.from(part).toString('base64')).join('.')
    },
    async open(sealed) {
      if (sealed === undefined) return null
      const found = known ?? (await stored())
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
    async forget() {
      const there = await caller.call('store', 'get', 3, () => store.get(cell))
      if (there !== undefined)
        await caller.call('store', 'compareAndSet', 2, () => store.compareAndSet(cell, there.version, null))
      known = undefined
    },
  }

  async function key(): Promise<KeyObject> {
    known ??= (await stored()) ?? (await made())
    return known
  }
  async function stored(): Promise<KeyObject | undefined> {
    const there = await caller.call('store', 'get', 3, () => store.get(cell))
    if (typeof there?.value !== 'string') return undefined
    known = createSecretKey(there.value, 'base64')
    return known
  }
  async function made(): Promise<KeyObject> {
    const fresh = system.secret(32)
    await caller.call('store', 'compareAndSet', 2, () =>
      store.compareAndSet(cell, undefined, Buffer.from(fresh).toString('base64')),
    )
    // Whoever came first, and whatever became of the write, what is there now is the key.
    const there = await stored()
    if (there === undefined)
      throw rolloutError('store-unavailable', `The key of ${rolloutId} could not be written.`, { stream: cell })
    return there
  }
}
