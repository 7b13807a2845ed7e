import { isRolloutError } from '../../../src/core/errors.ts'
import { letGo, untilLetGo } from '../../../src/core/let-go.ts'
import type { Accepted } from '../../../src/core/ports.ts'
import type { AzureAccess, AzureCredential } from './access.ts'
import { pathOf, PUBLIC_CLOUD, sendArm, type ArmBody, type ArmRequest } from './arm.ts'
import { azureFailure } from './failures.ts'
import { hearing, listening } from './heard.ts'
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
  /**
   * A change that takes long: accepted, and not awaited. The handle is the path of the operation that Azure answers with.
   *
   * @throws RolloutError `call-failed`, or `peer-missing`.
   */
  accept(target: CallTarget, operation: (client: Compute, options: CallOptions) => Begun): Promise<Accepted>
  /** What the client has no operation for. @throws RolloutError `call-failed`, or `peer-missing`. */
  arm(target: CallTarget, request: ArmRequest): Promise<ArmBody>
  /** The same of a change that takes long: accepted, and not awaited. @throws RolloutError `call-failed`, or `peer-missing`. */
  begin(target: CallTarget, request: ArmRequest): Promise<Accepted>
}

/** An operation that was sent: the client sends it at once, and would ask how it goes only if it were awaited. */
interface Begun {
  submitted(): Promise<void>
  serialize(): Promise<string>
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
      name,
      () => untilLetGo(body(client, { abortSignal: signal }), name, signal),
      (error, said) => (isRolloutError(error) ? error : azureFailure(name, error, said)),
    )
  }
  const send = (target: CallTarget, request: ArmRequest) =>
    during(target, (client) => sendArm(client, access.endpoint ?? PUBLIC_CLOUD, request, target.signal))
  return {
    call: during,
    accept: (target, operation) =>
      during(target, async (client, options) => {
        const begun = operation(client, options)
        await begun.submitted()
        const { state } = JSON.parse(await begun.serialize()) as Serialized
        const address = state.config?.operationLocation
        return address === undefined ? {} : { handle: pathOf(address) }
      }),
    arm: async (target, request) => (await send(target, request)).body,
    begin: async (target, request) => {
      const { handle } = await send(target, request)
      return handle === undefined ? {} : { handle }
    },
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

/** As much of the client's own record of an operation as matters here. */
interface Serialized {
  readonly state: { readonly config?: { readonly operationLocation?: string } }
}

async function open({ credential, client, endpoint }: AzureAccess, subscription: string): Promise<Compute> {
  const known = endpoint ?? PUBLIC_CLOUD
  const { ComputeManagementClient } = await loadCompute()
  if (client !== undefined) return listening(client(subscription) as Compute, known)
  // The SDK's own repetitions are off: they would hide throttling, and later repeat what may have been applied.
  const options = { retryOptions: { maxRetries: 0 }, ...(endpoint === undefined ? {} : { endpoint }) }
  return listening(new ComputeManagementClient(credential as AzureCredential & Credential, subscription, options), known)
}

type Credential = ConstructorParameters<Awaited<ReturnType<typeof loadCompute>>['ComputeManagementClient']>[0]
