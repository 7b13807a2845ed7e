import type { ResourceSku } from '@azure/arm-compute'
import type { Caller } from '../sdk/caller.ts'
import { locationOf } from './lookup.ts'

/** What a size of machine can run. */
export interface MachineSize {
  /** `x64` or `Arm64`. @default - Azure does not say */
  readonly architecture?: string
  /** `V1`, `V2`. Empty when Azure does not say. */
  readonly generations: readonly string[]
  /** What its cores count against, `standardDSv5Family`. @default - Azure does not say */
  readonly family?: string
  /** @default - Azure does not say */
  readonly cores?: number
  /** Why this subscription may not have it in this region: `NotAvailableForSubscription`. */
  readonly restrictions: readonly string[]
}

/** Tells of sizes what they can run. A region's list is long and seldom changes: it is read once an hour. */
export interface SizeReader {
  /** `undefined` for a size that the region does not have. */
  read(location: string, size: string, signal: AbortSignal): Promise<MachineSize | undefined>
}

type Sizes = ReadonlyMap<string, MachineSize>

const REMEMBERED_MS = 3_600_000

/** Makes a reader that has read nothing yet. */
export function createSizeReader(caller: Caller, now: () => number): SizeReader {
  const known = new Map<string, { readonly at: number; readonly sizes: Sizes }>()
  return {
    async read(location, size, signal) {
      const remembered = known.get(location)
      const isFresh = remembered !== undefined && now() - remembered.at < REMEMBERED_MS
      const { at, sizes } = isFresh ? remembered : { at: now(), sizes: await readSizes(caller, location, signal) }
      known.set(location, { at, sizes })
      return sizes.get(size.toLowerCase())
    },
  }
}

async function readSizes(caller: Caller, location: string, signal: AbortSignal): Promise<Sizes> {
  const all = await caller.list({ name: 'resourceSkus.list', signal }, (client, options) =>
    client.resourceSkus.list({ ...options, filter: `location eq '${location}'` }),
  )
  const machines = all.filter(
    ({ resourceType, locations = [] }) =>
      resourceType === 'virtualMachines' && locations.some((one) => locationOf(one) === location),
  )
  return new Map(machines.map((one) => [one.name?.toLowerCase() ?? '', sizeOf(one)]))
}

function sizeOf({ family, capabilities = [], restrictions = [] }: ResourceSku): MachineSize {
  const valueOf = (name: string) => capabilities.find((one) => one.name === name)?.value
  const [architecture, cores] = [valueOf('CpuArchitectureType'), valueOf('vCPUs')]
  return {
    ...(architecture === undefined ? {} : { architecture }),
    ...(family === undefined ? {} : { family }),
    ...(cores === undefined ? {} : { cores: Number(cores) }),
    generations: valueOf('HyperVGenerations')?.split(',') ?? [],
    // Of single zones it may be short without the whole region being so.
    restrictions: restrictions.flatMap((one) => (one.type === 'Location' ? [one.reasonCode ?? 'restricted'] : [])),
  }
}
