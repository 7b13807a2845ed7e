import { isRolloutError, type CallFailureClass } from '../../../src/core/errors.ts'
import type { Usage } from '@azure/arm-compute'
import type { MachineSize } from '../images/sizes.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import { MARKS, tagged } from '../marks.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { regionOf, type ScaleSet } from './set.ts'

/** What is left of a subscription's quotas for machines of a set. */
export interface Room {
  /** @default - Azure names no quota that they would count against */
  readonly machines?: number
  /** Which quota is the shortest; or why none could be read. */
  readonly why: string
}

/**
 * What the quotas leave for a fleet that may be planned to be rolled in place: of one that is claimed it was asked before. The fewest of
 * several sets.
 */
export async function roomToPlan(
  group: Quotas,
  { placement }: FleetTarget,
  sets: readonly ScaleSet[],
  signal: AbortSignal,
): Promise<Room | undefined> {
  if (placement.kind !== 'in-place' || sets.some((one) => tagged(one.tags, MARKS.claim) !== undefined)) return undefined
  const rooms = await Promise.all(sets.map((one) => roomFor(group, one, signal)))
  return rooms.toSorted((a, b) => (a.machines ?? Infinity) - (b.machines ?? Infinity))[0]
}

type Quotas = Pick<ResourceGroup, 'caller' | 'sizes'>

/** How many machines of a set its subscription may have beyond those that there are. */
export async function roomFor(group: Quotas, set: ScaleSet, signal: AbortSignal): Promise<Room> {
  const location = regionOf(set)
  const size = set.skuProfile === undefined ? set.sku?.name : undefined
  if (size === undefined) return { why: 'a set of several sizes counts against several quotas' }
  try {
    const [machine, usages] = await Promise.all([
      group.sizes.read(location, size, signal),
      group.caller.list({ name: 'usage.list', signal }, (client, options) => client.usage.list(location, options)),
    ])
    return shortest(usages, countersOf(machine, set.virtualMachineProfile?.priority))
  } catch (error) {
    // Whoever may not read them may still be rolled by imago, who replaces no more than there is room for.
    if (isRolloutError(error, 'call-failed') && UNREADABLE.has(error.facts.class))
      return { machines: 0, why: `the quotas (Microsoft.Compute/locations/usages/read) cannot be read: ${error.message}` }
    throw error
  }
}

const UNREADABLE: ReadonlySet<CallFailureClass> = new Set(['denied', 'not-found'])

/** By the name of each counter, how much of it one machine takes. */
function countersOf({ family, cores }: MachineSize = NOTHING, priority = 'Regular'): ReadonlyMap<string, number> {
  const counted = [['virtualmachines', 1] as const]
  if (cores === undefined) return new Map(counted)
  if (priority !== 'Regular') return new Map([...counted, ['lowprioritycores', cores]])
  return new Map([...counted, ['cores', cores], ...(family === undefined ? [] : [[family.toLowerCase(), cores] as const])])
}

const NOTHING: MachineSize = { generations: [], restrictions: [] }

function shortest(usages: readonly Usage[], counters: ReadonlyMap<string, number>): Room {
  const rooms = usages.flatMap(({ name, currentValue, limit }) => {
    const each = counters.get(name.value?.toLowerCase() ?? '')
    if (each === undefined) return []
    const machines = Math.max(0, Math.floor((limit - currentValue) / each))
    return [{ machines, why: `of ${name.localizedValue ?? name.value} ${currentValue} of ${limit} are in use` }]
  })
  const [least] = rooms.toSorted((a, b) => a.machines - b.machines)
  return least ?? { why: 'Azure names no quota of these machines' }
}
