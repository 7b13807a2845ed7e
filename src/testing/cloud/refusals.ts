import { callFailed } from '../../core/errors.ts'
import type { Site } from './site.ts'

/** A call is refused for now. */
export function throttled({ faults }: Site, call: string) {
  const chance = faults.chance(1)
  const retryAfterMs = chance.chance(0.5) ? chance.whole(100, 5_000) : undefined
  const native = { native: 'Throttling' }
  return callFailed(
    'throttled',
    call,
    `${call} was throttled.`,
    retryAfterMs === undefined ? native : { ...native, retryAfterMs },
  )
}

/** A call is not allowed just now. */
export function expired({ faults }: Site, call: string) {
  faults.count(32)
  return callFailed('denied', call, `${call} was denied: the credentials have expired.`, { native: 'ExpiredToken' })
}
