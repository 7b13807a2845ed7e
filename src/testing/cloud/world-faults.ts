import type { People } from './people.ts'
import { mishaps } from './mishaps.ts'
import { faultCause, type Site } from './site.ts'

/** Draws from time to time what happens to the world, until the faults are stopped. */
export function startWorldFaults(site: Site, people: People): void {
  const { faults, world } = site
  const kinds = Object.keys(mishaps)
    .map(Number)
    .filter((fault) => faults.kinds.has(fault))
  if (kinds.length === 0) return
  const round = () => {
    if (faults.stopped) return
    for (const fault of kinds) {
      if (!faults.draws(fault) || faults.isOpen(fault)) continue
      world.because(faultCause(fault), () => mishaps[fault]?.(site, faults.chance(fault), people))
    }
    world.schedule(world.now + faults.everyMs, round)
  }
  world.schedule(world.now + faults.everyMs, round)
}
