import { rolloutError } from '../core/errors.ts'
import type { FleetId } from '../core/snapshot.ts'
import type { Runtime } from './runtime.ts'

/** The canonical id that a name stands for in this store; `undefined` before the first contact. */
export async function idOfName(runtime: Runtime, name: string): Promise<FleetId | undefined> {
  const cell = await runtime.caller.call('store', 'get', 3, () => runtime.store.get(cellOf(name)))
  return typeof cell?.value === 'string' ? cell.value : undefined
}

/** Binds a name to a fleet, once and for all. @throws RolloutError `name-taken` when it stands for another fleet. */
export async function bindName(runtime: Runtime, name: string, fleet: FleetId): Promise<void> {
  if ((await idOfName(runtime, name)) === undefined)
    await runtime.caller.call('store', 'compareAndSet', 2, () => runtime.store.compareAndSet(cellOf(name), undefined, fleet))
  refuseOther(name, fleet, await idOfName(runtime, name))
}

/** @throws RolloutError `name-taken` when a name is known to stand for another fleet. */
export function refuseOther(name: string, fleet: FleetId, known: FleetId | undefined): void {
  if (known === undefined || known === fleet) return
  const message = `The name ${name} stands for ${known} in this store; what was found here is ${fleet}. Choose another name for it.`
  throw rolloutError('name-taken', message, { kind: 'fleet', name })
}

function cellOf(name: string): string {
  return `name/${name}`
}
