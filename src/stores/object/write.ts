import { rolloutError, type RolloutError } from '../../core/errors.ts'
import type { Away, Bucket, PutCondition } from './bucket.ts'

/** How often one write is sent: sent again it changes nothing, for its condition holds once only. */
const ATTEMPTS = 4

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
  }
  return unheard ? 'unsure' : turnedAway
}

/** What a call throws when the bucket was not reached, or turned it away. */
export function away(about: string, why?: string): RolloutError {
  const reason = why === undefined ? '' : ` (${why})`
  return rolloutError('store-unavailable', `The bucket did not answer about ${about}${reason}; nothing was written.`, {
    stream: about,
  })
}
