import { setTimeout as pause } from 'node:timers/promises'
import { rolloutError, type RolloutError } from '../../core/errors.ts'
import type { Away, Bucket, PutCondition } from './bucket.ts'

/** How often one write is sent: sent again it changes nothing, for its condition holds once only. */
const ATTEMPTS = 4
/** The first pause before a busy bucket is asked again; each is three times the one before, so that together they outlast a second. */
const PAUSE_MS = 200

/** What is known of a write. */
export type Written =
  | 'written'
  /** The condition did not hold, and no attempt can have been carried out. */
  | 'refused'
  /** Every attempt was turned away: nothing was written, nor will be. */
  | Away
  /** An attempt was never heard of: look who wrote what is there. */
  | 'unsure'

/** Sends a write until an answer settles it. */
export async function write(bucket: Bucket, name: string, body: string, condition: PutCondition): Promise<Written> {
  let unheard = false
  let turnedAway: Away = { status: 503 }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = await bucket.put(name, body, condition)
    const { status } = answer
    if (status === 200) return 'written'
    if (status === 412 || status === 404) return unheard ? 'unsure' : 'refused'
    if (status === 'unknown') unheard = true
    if (status === 503) turnedAway = answer
    // Of many that were turned away together not all come again together.
    if (status === 503 && answer.busy && attempt < ATTEMPTS)
      await pause(PAUSE_MS * 3 ** (attempt - 1) * (0.75 + Math.random() / 2))
  }
  return unheard ? 'unsure' : turnedAway
}

/** What a call throws when the bucket was not reached, or turned it away. */
export function away({ name }: Bucket, about: string, why?: string): RolloutError {
  const reason = why === undefined ? '' : ` (${why})`
  const message = `The bucket ${name} did not answer about ${about}${reason}; nothing was written.`
  return rolloutError('store-unavailable', message, { stream: about })
}
