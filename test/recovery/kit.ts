import type { Cloud } from 'imago/testing'
import { createSite, type Process, type Site } from '../kit/index.ts'

/** Ways in which a fleet of three is grouped and routed. */
export const FLEETS = {
  'clone, by weights': { groups: { kind: 'clone', adopt: 'web' }, weights: true },
  'clone, by count': { groups: { kind: 'clone', adopt: 'web' }, weights: false },
  'in place': { groups: { kind: 'in-place', group: 'web' }, weights: false },
} as const

/** Name of a way in {@link FLEETS}. */
export type Kind = keyof typeof FLEETS

/** A site whose processes share a store until it is lost. */
export interface LossySite extends Site {
  process(): Process
  loseStore(): void
}

/** Sets up a site; the fleet is healthy. */
export function lossySite(kind: Kind, autoscaled = false): LossySite {
  const { groups, weights } = FLEETS[kind]
  const site = createSite({
    router: { weights },
    readyDeadlineMs: 3_600_000,
    ...(autoscaled ? { autoscaler: { periodMs: 60_000, recommends: false } } : {}),
  })
  let { store } = site
  return { ...site, process: () => site.process({ groups, store }), loseStore: () => void (store = site.newStore()) }
}

/** What is left in the cloud, a line a thing. */
export function left({ truth }: Cloud): string[] {
  const lines: string[] = []
  for (const group of truth.groups.values())
    if (!group.retiring)
      lines.push(`${group.id} ${JSON.stringify(group.sizes)}, minimum ${group.min}, ${group.holds.length} marks`)
  for (const fleet of truth.fleets.values())
    for (const route of fleet.routes.values()) lines.push(`${route.binding} ${route.weight}`)
  return lines
}
