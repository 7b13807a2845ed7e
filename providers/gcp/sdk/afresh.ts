import { isRolloutError } from '../../../src/core/errors.ts'

/** So often somebody else may write in between. */
const AGAIN = 3
/** What Google says where a resource is no longer as it was read, at once and within an operation. */
const STALE = new Set(['conditionNotMet', 'CONDITION_NOT_MET'])

/** Does something over again, from reading on, where somebody else wrote in between: an autoscaler, say, or a person. */
export async function afresh<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = AGAIN; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      const isStale = isRolloutError(error, 'call-failed') && STALE.has(error.facts.native ?? '')
      if (left === 0 || !isStale) throw error
    }
  }
}
