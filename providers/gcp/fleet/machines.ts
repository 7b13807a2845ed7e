import type { ImageRef } from '../../../src/core/image.ts'
import { gceRef, projectOf } from '../images/ref.ts'
import type { Disk, Instance, ManagedInstance, Manager } from '../sdk/resources.ts'
import { nameIn, valueIn } from '../sdk/urls.ts'
import type { Where } from '../where.ts'

/** A group with what it lists. */
export interface Listed {
  readonly group: Manager
  readonly members: readonly ManagedInstance[]
}

/** What of an instance its group does not tell. None of it changes. */
export interface Machine {
  /** RFC 3339. */
  readonly createdAt?: string
  readonly address?: string
  /** What it boots from, as its disk says. @default - its disk does not */
  readonly image?: ImageRef
}

/** Tells of instances what their group does not: each is read once. */
export interface MachineReader {
  /** By the number of each; one that is not there yet is left out. */
  read(listed: readonly Listed[], signal: AbortSignal): Promise<ReadonlyMap<string, Machine>>
}

/** So many are remembered; the oldest are forgotten first. */
const REMEMBERED = 50_000

/** Makes a reader that has read nothing yet. */
export function createMachineReader(where: Where): MachineReader {
  const known = new Map<string, Machine>()
  return {
    async read(listed, signal) {
      const read = async ([zone, names]: [string, Set<string>]) => {
        for (const [number, one] of await readMachines(where, zone, [...names], signal)) {
          known.set(number, one)
          if (known.size > REMEMBERED) known.delete(known.keys().next().value!)
        }
      }
      await Promise.all([...strangers(listed, known)].map(read))
      return known
    },
  }
}

/** All machines of a zone whose names are like these, with their disks: a boot disk is called like its machine. */
async function readMachines(
  { caller, project }: Where,
  zone: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<[string, Machine][]> {
  const request = { project, zone, filter: `name eq "(${names.join('|')})"` }
  const [instances, disks] = await Promise.all([
    caller.list('instances.list', request, signal),
    caller.list('disks.list', request, signal),
  ])
  const byName = new Map(disks.map((one) => [one.name ?? '', one]))
  return instances.map((one) => [String(one.id), machineOf(one, byName, project)])
}

function machineOf(
  { disks = [], networkInterfaces = [], creationTimestamp: createdAt }: Instance,
  byName: ReadonlyMap<string, Disk>,
  project: string,
): Machine {
  const image = imageOf(byName.get(nameIn(disks.find((one) => one.boot === true)?.source)), project)
  const address = networkInterfaces[0]?.networkIP
  return {
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(address === undefined ? {} : { address }),
    ...(image === undefined ? {} : { image }),
  }
}

/** The number of the image that a disk was made from. Its name says less: it may have been given to another image since. */
function imageOf({ sourceImage, sourceImageId }: Disk = {}, project: string): ImageRef | undefined {
  if (sourceImage === undefined || !isNumber(sourceImageId)) return undefined
  return gceRef(projectOf(sourceImage, project), String(sourceImageId))
}

/** What machines that are not known yet are called, by zone: as their group calls them, or as somebody else did. */
function strangers(listed: readonly Listed[], known: ReadonlyMap<string, Machine>): Map<string, Set<string>> {
  const zones = new Map<string, Set<string>>()
  for (const { group, members } of listed) {
    const usual = namesOf(group)
    for (const { id, name = '', instance } of members) {
      const zone = valueIn(instance, 'zones')
      if (zone === undefined || !isNumber(id) || known.has(String(id))) continue
      zones.set(zone, (zones.get(zone) ?? new Set()).add(new RegExp(`^${usual}$`).test(name) ? usual : name))
    }
  }
  return zones
}

/** What is not there has no number; Google's client may show it as 0. */
export function isNumber(id: string | number | undefined): boolean {
  return id !== undefined && String(id) !== '' && String(id) !== '0'
}

/** What the names of a group's instances look like: its base name with signs of chance for its hashes, or behind it. */
export function namesOf({ baseInstanceName: base = '' }: Manager): string {
  return base.includes('#') ? base.replaceAll('#', '[a-z0-9]') : `${base}-[a-z0-9]+`
}
