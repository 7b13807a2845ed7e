import { unlessAbsent } from '../../../src/core/errors.ts'
import { isObject } from '../../../src/core/json.ts'
import type { HandleView, ProviderLook } from '../../../src/core/snapshot.ts'
import type { ResourceGroup } from '../resource-group.ts'
import type { ArmBody } from '../sdk/arm.ts'
import { operationFailure } from '../sdk/failures.ts'

/** An operation's path, as it was handed out with the answer to a change. */
const HANDLE = /^\/subscriptions\/[^/]+\/providers\/Microsoft\.\w+\/locations\/[^/]+\/(?:operations|asyncOperations)\/[^/]+\?/i

/** What became of changes that Azure accepted; one that it knows no more is not named. */
export async function readOperations(
  group: ResourceGroup,
  handles: readonly string[],
  signal: AbortSignal,
): Promise<ProviderLook['handles']> {
  const views = await Promise.all(handles.map(async (one) => [one, await readOperation(group, one, signal)] as const))
  return Object.fromEntries(views.filter((one): one is [string, HandleView] => one[1] !== undefined))
}

async function readOperation({ caller }: ResourceGroup, handle: string, signal: AbortSignal): Promise<HandleView | undefined> {
  if (!HANDLE.test(handle)) return undefined
  const answer = await caller.arm({ name: 'operations.get', signal }, { method: 'GET', path: handle }).catch(unlessAbsent)
  return answer === undefined ? undefined : handleView(answer)
}

/** `InProgress`, or a word that is new, is under way. */
function handleView({ status, error }: ArmBody): HandleView {
  if (status === 'Succeeded') return { state: 'done' }
  if (status !== 'Failed' && status !== 'Canceled') return { state: 'pending' }
  const failure = operationFailure(isObject(error) ? error : { code: status })
  return { state: 'failed', ...failure }
}
