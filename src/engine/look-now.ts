import type { Contact } from '../core/contact.ts'
import { groupsNamed } from '../core/placement.ts'
import type { FleetId, FleetSnapshot, ReleaseId } from '../core/snapshot.ts'
import { nameOf, refuseOther } from './names.ts'
import type { Declared, Registry } from './registry.ts'
import type { Runtime } from './runtime.ts'
import { takeLook } from './take-look.ts'

/** Looks at a fleet as it is now. @throws RolloutError `call-failed`, `name-taken`. */
export async function lookNow(
  runtime: Runtime,
  registry: Registry,
  fleet: Declared,
  signal?: AbortSignal,
): Promise<FleetSnapshot> {
  const known = await nameOf(runtime, fleet.name)
  const watched = {
    target: registry.target(fleet, known?.fleet),
    provider: registry.providerOf(fleet),
    providerName: fleet.provider,
    router: fleet.router,
    probes: fleet.resolved.health.probes,
  }
  const now = await runtime.store.now()
  const snapshot = await takeLook(runtime, watched, now, NO_HANDLES, signal)
  refuseOther(fleet, snapshot, known)
  return snapshot
}

const NO_HANDLES: ReadonlyMap<string, string> = new Map()

/** The canonical id of a fleet: what its name is known to stand for, else what a look finds. @throws RolloutError `call-failed`, `name-taken`. */
export async function idOf(runtime: Runtime, registry: Registry, fleet: Declared, signal: AbortSignal): Promise<FleetId> {
  const known = await nameOf(runtime, fleet.name)
  if (known !== undefined && groupsNamed(fleet.placement).some((name) => known.adopted.includes(name))) return known.fleet
  return (await lookNow(runtime, registry, fleet, signal)).fleet
}

/** A fleet as it is met. */
export function contactOf(
  runtime: Runtime,
  fleet: Declared,
  snapshot: FleetSnapshot,
  takeOver: string | undefined,
  supervises?: ReleaseId | true,
): Contact {
  const contact = { fleet: fleet.name, placement: fleet.placement, snapshot, store: runtime.store.id, takeOver }
  return supervises === undefined ? contact : { ...contact, supervises }
}
