import { AsyncLocalStorage } from 'node:async_hooks'
import { callFailed } from '../../../src/core/errors.ts'
import { isObject } from '../../../src/core/json.ts'
import type { Compute } from './package.ts'

/** An error as Azure Resource Manager words it. */
export interface ArmError {
  readonly code?: string
  readonly message?: string
  readonly details?: readonly ArmError[]
}

/** What was heard during one call. */
interface Heard {
  readonly call: string
  refusal?: ArmError
}

const calls = new AsyncLocalStorage<Heard>()

/**
 * Has a client keep what Azure says when it refuses: of the pages of a list, and of what takes long, the SDK hands on the code alone, and
 * the reason stands in the words or deeper in the details. It also follows the address of a next page wherever that leads: what leads
 * elsewhere is refused, before it is given a token.
 */
export function listening(client: Compute, endpoint: string): Compute {
  const { origin } = new URL(endpoint)
  client.pipeline.addPolicy({
    name: 'imagoHears',
    async sendRequest(request, next) {
      const heard = calls.getStore()
      const { origin: asked } = new URL(request.url)
      if (asked !== origin)
        throw callFailed('denied', heard?.call ?? 'Azure', `An answer led to ${asked}, not ${origin}: nothing was sent there.`, {
          native: 'ForeignHost',
        })
      const response = await next(request)
      if (heard !== undefined && response.status >= 400) heard.refusal = refusalIn(response.bodyAsText)
      return response
    },
  })
  return client
}

/** Makes a call, and tells of its failure with what was heard. */
export async function hearing<T>(
  name: string,
  call: () => Promise<T>,
  fail: (error: unknown, said: ArmError) => Error,
): Promise<T> {
  const heard: Heard = { call: name }
  try {
    return await calls.run(heard, call)
  } catch (error) {
    throw fail(error, heard.refusal ?? {})
  }
}

function refusalIn(text: string | null | undefined): ArmError {
  try {
    const body: unknown = JSON.parse(text ?? '')
    return isObject(body) && isObject(body['error']) ? body['error'] : {}
  } catch {
    // What stands before Azure answers in its own way.
    return {}
  }
}
