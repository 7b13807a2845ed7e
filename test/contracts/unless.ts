import { isRolloutError, type CallFailureClass } from '../../src/core/errors.ts'

/** What happens instead when a call fails in this way. */
export async function unless<Answer>(
  failure: CallFailureClass,
  call: Promise<Answer>,
  instead: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await call
  } catch (error) {
    if (isRolloutError(error, 'call-failed') && error.facts.class === failure) return await instead()
    throw error
  }
}
