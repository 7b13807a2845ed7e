import { callFailed } from '../../../src/core/errors.ts'

/**
 * The answer of a call, or a failure as soon as the signal aborts: the SDK does not hand the signal on to the second page of a list.
 *
 * @throws RolloutError `call-failed` of class `unknown`.
 */
export async function orLetGo<T>(call: string, answer: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    answer.catch(() => undefined)
    throw letGo(call)
  }
  const gone = Promise.withResolvers<never>()
  const letItGo = () => gone.reject(letGo(call))
  signal.addEventListener('abort', letItGo, { once: true })
  try {
    return await Promise.race([answer, gone.promise])
  } finally {
    signal.removeEventListener('abort', letItGo)
  }
}

/** What is thrown for a call that nobody waits for any more. */
export function letGo(call: string) {
  return callFailed('unknown', call, `${call} was let go of before its answer came.`)
}
