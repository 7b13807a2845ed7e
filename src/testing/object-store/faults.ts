import type { Random } from '../world/index.ts'

/** What goes wrong with one call. Reads know only that the bucket is away. */
export type BucketFault =
  /** Answered 503: nothing was written. */
  | { readonly kind: 'away' }
  /** Answered 409: nothing was written. */
  | { readonly kind: 'conflict' }
  /** Not answered; it lands after so many further calls. `undefined`: it never does. */
  | { readonly kind: 'unknown'; readonly landsAfterCalls: number | undefined }

/** How many further calls a late write stays on its way at most. */
const LATEST_CALLS = 12

/** Faults by chance: each call meets one with this probability. */
export function bucketFaults(random: Random, probability: number): () => BucketFault | undefined {
  return () => {
    if (!random.chance(probability)) return undefined
    const landsAfterCalls = random.pick([0, random.whole(1, LATEST_CALLS), undefined])
    return random.pick<BucketFault>([
      { kind: 'away' },
      { kind: 'conflict' },
      { kind: 'unknown', landsAfterCalls },
      { kind: 'unknown', landsAfterCalls },
    ])
  }
}
