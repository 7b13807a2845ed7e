import { SIZES } from '../kit/calls.ts'
import { table } from '../kit/page.ts'
import type { Account } from './wire/account.ts'

type Request = Account['requests'][number]

/** A bucket of tokens: each request takes one, and so many come back a minute. */
interface Limit {
  readonly what: string
  readonly operations: readonly string[]
  /** What has a bucket of its own. */
  readonly of: 'set' | 'instance' | 'operation' | 'subscription'
  readonly aMinute: number
  readonly burst: number
}

/** What Azure's compute service allows a minute, and at once. Source: Microsoft's page on throttling of compute resources, of 2024. */
export const LIMITS: readonly Limit[] = [
  { what: 'making a set', operations: ['virtualMachineScaleSets.createOrUpdate'], of: 'set', aMinute: 4, burst: 12 },
  { what: 'changing a set', operations: ['virtualMachineScaleSets.update'], of: 'set', aMinute: 4, burst: 12 },
  {
    what: 'deleting a set, or instances of it',
    operations: ['virtualMachineScaleSets.delete', 'virtualMachineScaleSets.deleteInstances'],
    of: 'set',
    aMinute: 4,
    burst: 12,
  },
  {
    what: 'reading a set, or its upgrade',
    operations: ['virtualMachineScaleSets.get', 'virtualMachineScaleSetRollingUpgrades.getLatest'],
    of: 'set',
    aMinute: 12,
    burst: 36,
  },
  {
    what: 'listing the instances of a Uniform set',
    operations: ['virtualMachineScaleSetVMs.list', 'virtualMachineScaleSets.getInstanceView'],
    of: 'set',
    aMinute: 10,
    burst: 30,
  },
  {
    what: 'listing the machines of Flexible sets',
    operations: ['virtualMachines.list'],
    of: 'subscription',
    aMinute: 300,
    burst: 900,
  },
  { what: 'listing sets', operations: ['virtualMachineScaleSets.list'], of: 'subscription', aMinute: 360, burst: 1_080 },
  { what: 'changing an instance', operations: ['virtualMachineScaleSetVMs.update'], of: 'instance', aMinute: 4, burst: 12 },
  { what: 'asking for an operation', operations: ['operations.get'], of: 'operation', aMinute: 15, burst: 45 },
]

/** What is left of a limit at the worst moment of all that was asked: below 0, Azure would have refused. */
export function leftOf({ operations, of, aMinute, burst }: Limit, requests: readonly Request[]): number {
  const buckets = new Map<string, { left: number; at: number }>()
  let least = burst
  for (const { operation, url, at } of requests) {
    if (!operations.includes(operation)) continue
    const whose = resourceOf(of, url)
    const { left, at: before } = buckets.get(whose) ?? { left: burst, at }
    const after = Math.min(burst, left + ((at - before) * aMinute) / 60_000) - 1
    buckets.set(whose, { left: after, at })
    least = Math.min(least, after)
  }
  return Math.floor(least)
}

function resourceOf(of: Limit['of'], url: string): string {
  const pattern = {
    set: /\/virtualMachineScaleSets\/[^/?]+/i,
    instance: /\/virtualMachineScaleSets\/[^/?]+\/virtualMachines\/[^/?]+/i,
    operation: /\/operations\/[^/?]+/i,
    subscription: /^/,
  }[of]
  return pattern.exec(url)?.[0].toLowerCase() ?? ''
}

/** The table as the page prints it: for each size what was left at the worst moment. */
export function limitsTable(found: ReadonlyMap<string, readonly (readonly Request[])[]>): string {
  const columns = [...found.values()]
  return table(
    [`left at the worst moment, with ${SIZES.join(' / ')} instances`, 'a minute, and at once', ...found.keys()],
    LIMITS.map((limit) => [
      `${limit.what}, for each ${limit.of}`,
      `${limit.aMinute}, ${limit.burst}`,
      ...columns.map((all) => all.map((requests) => leftOf(limit, requests)).join(' / ')),
    ]),
  )
}
