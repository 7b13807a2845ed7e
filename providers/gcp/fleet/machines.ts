import type { Where } from '../where.ts'
import type { Instance, ManagedInstance, Manager } from '../sdk/resources.ts'
import { valueIn } from '../sdk/urls.ts'

/** A group with what it lists. */
export interface Listed {
  readonly group: Manager
  readonly members: readonly ManagedInstance[]
}

/** Tells of instances what their group does not: when they were made, and where they are reached. None of it changes: each is read once. */
export interface MachineReader {
  /** By the number of each; one that is not there yet is left out. */
  read(listed: readonly Listed[], signal: AbortSignal): Promise<ReadonlyMap<string, Instance>>
}

/** So many are remembered; the oldest are forgotten first. */
const REMEMBERED = 50_000

/** Makes a reader that has read nothing yet. */
export function createMachineReader({ caller, project }: Where): MachineReader {
  const known = new Map<string, Instance>()
  return {
    async read(listed, signal) {
      const read = async ([zone, groups]: [string, Set<Manager>]) => {
        const filter = `name eq "${[...groups].map(namesOf).join('|')}"`
        for (const one of await caller.list('instances.list', { project, zone, filter }, signal)) {
          known.set(String(one.id), one)
          if (known.size > REMEMBERED) known.delete(known.keys().next().value!)
        }
      }
      await Promise.all([...strangers(listed, known)].map(read))
      return known
    },
  }
}

/** Groups with machines that are not known yet, by zone. */
function strangers(listed: readonly Listed[], known: ReadonlyMap<string, Instance>): Map<string, Set<Manager>> {
  const zones = new Map<string, Set<Manager>>()
  for (const { group, members } of listed)
    for (const { id, instance } of members) {
      const zone = valueIn(instance, 'zones')
      if (zone === undefined || !isThere(id) || known.has(String(id))) continue
      zones.set(zone, (zones.get(zone) ?? new Set()).add(group))
    }
  return zones
}

/** Google's client shows the number of a machine that is not there as none, or as 0. */
function isThere(id: ManagedInstance['id']): boolean {
  return id !== undefined && String(id) !== '' && String(id) !== '0'
}

/** What the names of a group's instances look like: its base name with signs of chance for its hashes, or behind it. */
function namesOf({ baseInstanceName: base = '' }: Manager): string {
  return base.includes('#') ? base.replaceAll('#', '[a-z0-9]') : `${base}-[a-z0-9]+`
}
