import { rolloutError } from '../core/errors.ts'
import { isObject } from '../core/json.ts'
import { groupsNamed } from '../core/placement.ts'
import type { Placement } from '../core/ports.ts'
import type { FleetId, FleetSnapshot } from '../core/snapshot.ts'
import type { Declared } from './registry.ts'
import type { Runtime } from './runtime.ts'

/** What a name stands for in this store. */
export interface KnownName {
  readonly fleet: FleetId
  /** Groups under which it was declared when a rollout was started. */
  readonly adopted: readonly string[]
}

/** What a name stands for; `undefined` before the first rollout under it. */
export async function nameOf(runtime: Runtime, name: string): Promise<KnownName | undefined> {
  return (await read(runtime, name)).known
}

/** Binds a name to a fleet, once and for all. @throws RolloutError `name-taken` when it stands for another fleet. */
export async function bindName(runtime: Runtime, name: string, fleet: FleetId, placement: Placement): Promise<void> {
  const { known, version } = await read(runtime, name)
  const adopted = [...new Set([...(known?.adopted ?? []), ...groupsNamed(placement)])]
  if (known === undefined || (known.fleet === fleet && adopted.length > known.adopted.length))
    await runtime.store.compareAndSet(cellOf(name), version, { fleet, adopted })
  // Whoever came first: what is there now is what the name stands for.
  const now = await nameOf(runtime, name)
  if (now !== undefined && now.fleet !== fleet) throw taken(name, `it stands for ${now.fleet}, not for ${fleet}`)
}

/** @throws RolloutError `name-taken` when a name is known to stand for another fleet than the one that was declared, or found. */
export function refuseOther({ name, placement }: Declared, snapshot: FleetSnapshot, known: KnownName | undefined): void {
  if (known === undefined) return
  if (known.fleet !== snapshot.fleet) throw taken(name, `it stands for ${known.fleet}, and what was found is ${snapshot.fleet}`)
  const groups = [...known.adopted, ...snapshot.groups.map((group) => group.id)]
  const other = groupsNamed(placement).find((group) => !groups.includes(group))
  if (other !== undefined)
    throw taken(
      name,
      `it stands for ${known.fleet}, which was adopted as ${known.adopted.join(', ')}; ${other} is no group of it`,
    )
}

async function read(
  runtime: Runtime,
  name: string,
): Promise<{ readonly known?: KnownName; readonly version: string | undefined }> {
  const cell = await runtime.store.get(cellOf(name))
  const value = cell?.value
  if (!isObject(value)) return { version: cell?.version }
  return { known: value as unknown as KnownName, version: cell?.version }
}

function taken(name: string, why: string) {
  const message = `The name ${name} is taken in this store: ${why}. Choose another name for this fleet.`
  return rolloutError('name-taken', message, { kind: 'fleet', name })
}

function cellOf(name: string): string {
  return `name/${name}`
}
