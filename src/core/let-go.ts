import { callFailed, type RolloutError } from './errors.ts'

/** The answer of a call, or that it was let go of, whatever becomes of its request. @throws RolloutError `call-failed` of class `unknown`. */
export function untilLetGo<T>(answer: Promise<T>, call: string, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(letGo(call))
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    void answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}

/** What is thrown for a call that nobody waits for any more. */
export function letGo(call: string): RolloutError<'call-failed'> {
  return callFailed('unknown', call, `${call} was let go of before it was answered.`)
}
