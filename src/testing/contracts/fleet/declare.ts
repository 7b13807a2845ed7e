import type { Can, NameRule, ProviderFacts, RouterFacts } from '../../../core/snapshot.ts'
import type { Harness } from '../harness.ts'
import { realTime } from '../time.ts'
import { adopting } from './bench.ts'
import type { FleetContractOptions, FleetSite, FleetWanted, LossySite } from './site.ts'

/** Declares one test with a fleet of its own; without a wish it is empty. */
export type FleetTest<Bench> = (name: string, body: (fleet: Bench) => Promise<void>, wanted?: Partial<FleetWanted>) => void

const EMPTY: FleetWanted = { size: 0, min: 0, max: 20, slots: false }

/** Makes a fleet, does something with it, and disposes of it. */
export async function withFleet<Site extends FleetSite, Result>(
  options: FleetContractOptions<Site>,
  wanted: Partial<FleetWanted>,
  body: (site: Site) => Promise<Result>,
): Promise<Result> {
  return await using(await options.create({ ...EMPTY, ...wanted }), body)
}

/** The same for one whose changes get lost. */
export async function withLossyFleet<Site extends FleetSite>(
  { createLossy }: FleetContractOptions<Site>,
  landing: 'whole' | 'in part',
  body: (site: LossySite<Site>) => Promise<void>,
): Promise<void> {
  const site = await createLossy?.(EMPTY, landing)
  if (site !== undefined) await using(site, body)
}

async function using<Site extends FleetSite, Result>(site: Site, body: (site: Site) => Promise<Result>): Promise<Result> {
  try {
    return await body(site)
  } finally {
    await site.dispose?.()
  }
}

/** What a fleet of this provider can do. */
export async function providerFactsOf<Site extends FleetSite>(options: FleetContractOptions<Site>): Promise<ProviderFacts> {
  return await withFleet(options, {}, async ({ provider, group, time = realTime }) => {
    const context = { signal: new AbortController().signal, token: `${group}/facts` }
    return (await time.settled(provider.describe(adopting(group), context))).facts
  })
}

/** Declares a group of tests, or shows it as skipped where the fleet cannot do it. */
export function where(harness: Harness, name: string, able: Can, declare: () => void): void {
  if (able.can) harness.describe(name, declare)
  else harness.skip(name, able.why)
}

/** Whether the site was given something. */
export function given(thing: unknown, why: string): Can {
  return thing === undefined ? { can: false, why } : { can: true }
}

/** Each no of these facts must have a reason, and each time must be one. @returns what is wrong with them. */
export function faultsOf(facts: ProviderFacts | RouterFacts): string[] {
  return Object.entries(facts as unknown as Record<string, unknown>).flatMap(([name, value]) => {
    if (isCan(value)) return value.can || value.why !== '' ? [] : [`${name} is a no without a reason`]
    if (!name.endsWith('Ms')) return []
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? [] : [`${name} is ${String(value)}`]
  })
}

/** A rule of names must say in words what it is, and take these names whenever it is asked. @returns what is wrong with it. */
export function ruleFaults(rule: NameRule | undefined, names: readonly string[]): string[] {
  if (rule === undefined) return []
  const refused = [...names, ...names].filter((name) => !rule.pattern.test(name)).map((name) => `${name} does not fit`)
  return rule.allowed === '' ? [...refused, 'it does not say what is allowed'] : refused
}

function isCan(value: unknown): value is Can {
  return typeof value === 'object' && value !== null && 'can' in value
}
