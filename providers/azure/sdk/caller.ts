import { isRolloutError } from '../../../src/core/errors.ts'
import type { AzureAccess, AzureCredential } from './access.ts'
import { azureFailure } from './failures.ts'
import { hearing, listening } from './heard.ts'
import { letGo, orLetGo } from './let-go.ts'
import { loadCompute, type Compute, type Paged } from './package.ts'

/** What every operation of the client takes. */
export interface CallOptions {
  readonly abortSignal: AbortSignal
}

/** Which call it is, for errors, and in which subscription. */
export interface CallTarget {
  /** As the client calls it, `virtualMachineScaleSets.get`. */
  readonly name: string
  readonly signal: AbortSignal
  /** @default - that of the scale sets */
  readonly subscription?: string
}

/** Calls Azure: each call once, for whether to repeat it is for others to say. */
export interface Caller {
  /** One answer. @throws RolloutError `call-failed`, or `peer-missing`. */
  call<T>(target: CallTarget, operation: (client: Compute, options: CallOptions) => Promise<T>): Promise<T>
  /** All pages of a list; when one fails, all of it does. @throws RolloutError `call-failed`, or `peer-missing`. */
  list<T>(target: CallTarget, operation: (client: Compute, options: CallOptions) => Paged<T>): Promise<readonly T[]>
}

/** Makes a caller; nothing is loaded or opened before the first call. */
export function createCaller(access: AzureAccess): Caller {
  const clients = new Map<string, Promise<Compute>>()
  const opened = (subscription: string) => {
    const known = clients.get(subscription) ?? open(access, subscription)
    clients.set(subscription, known)
    return known
  }
  const during = async <T>(target: CallTarget, body: (client: Compute, options: CallOptions) => Promise<T>): Promise<T> => {
    const { name, signal, subscription = access.subscription } = target
    if (signal.aborted) throw letGo(name)
    const client = await opened(subscription.toLowerCase())
    return await hearing(
      () => orLetGo(name, body(client, { abortSignal: signal }), signal),
      (error, said) => (isRolloutError(error) ? error : azureFailure(name, error, said)),
    )
  }
  return {
    call: during,
    list: (target, operation) =>
      during(target, async (client, options) => {
        const items = []
        for await (const page of operation(client, options).byPage()) {
          items.push(...page)
          // Whoever has let go is told so by now; the next page is not asked for.
          if (target.signal.aborted) throw letGo(target.name)
        }
        return items
      }),
  }
}

async function open({ credential, client }: AzureAccess, subscription: string): Promise<Compute> {
  const { ComputeManagementClient } = await loadCompute()
  if (client !== undefined) return listening(client(subscription) as Compute)
  // The SDK's own repetitions are off: they would hide throttling, and later repeat what may have been applied.
  return new ComputeManagementClient(credential as AzureCredential & Credential, subscription, {
    retryOptions: { maxRetries: 0 },
  })
}

type Credential = ConstructorParameters<Awaited<ReturnType<typeof loadCompute>>['ComputeManagementClient']>[0]
