import { callFailed, type RolloutError } from '../../core/errors.ts'
import type { Operation } from './operation.ts'
import { expired, throttled } from './refusals.ts'
import type { Site } from './site.ts'

/** What becomes of a call. */
export type Fate =
  /** It is carried out, a little later perhaps, and perhaps undone again. */
  | { readonly kind: 'taken'; readonly landsAfterMs: number; readonly revertsAfterMs?: number }
  /** It is refused, and never carried out. */
  | { readonly kind: 'refused'; readonly error: RolloutError }
  /** Nobody hears the answer. It lands once, twice or never, or in part. */
  | {
      readonly kind: 'lost'
      readonly landsAfterMs: readonly number[]
      /** @default - not at all: the caller lets go */
      readonly answersAfterMs: number | undefined
      readonly fault: number
      readonly part: boolean
    }
  /** It is answered as if it were carried out. */
  | { readonly kind: 'ignored' }

/** Draws what becomes of a call; without faults it is carried out. */
export function drawFate(site: Site, operation: Operation): Fate {
  if (site.faults.kinds.size > 0)
    return refusal(site, operation) ?? loss(site, operation) ?? deceit(site, operation) ?? taken(site)
  return taken(site)
}

function taken({ chance, settings }: Site): Fate {
  return { kind: 'taken', landsAfterMs: settings.landMs === 0 ? 0 : chance.whole(0, settings.landMs) }
}

function refusal(site: Site, { name, about, kind }: Operation): Fate | undefined {
  const { faults } = site
  const refused = (error: RolloutError): Fate => ({ kind: 'refused', error })
  if (faults.isOpen(32)) return refused(expired(site, name))
  if ((kind === 'grow' || kind === 'create') && faults.isOpen(12)) {
    faults.count(12)
    return refused(
      callFailed('quota', name, `${about} would exceed the quota of instances.`, { native: 'InstanceLimitExceeded' }),
    )
  }
  if (kind === 'delete' && faults.happens(39))
    return refused(
      callFailed('conflict', name, `${about} cannot be deleted: something depends on it.`, { native: 'ResourceInUse' }),
    )
  if (faults.happens(1)) return refused(throttled(site, name))
  return undefined
}

function loss(site: Site, operation: Operation): Fate | undefined {
  const { faults, settings } = site
  if (faults.happens(2)) {
    const { name, about } = operation
    if (faults.chance(2).chance(0.5))
      return { kind: 'refused', error: callFailed('transient', name, `${name} of ${about} failed.`, { native: 'InternalError' }) }
    return lost(site, 2, [])
  }
  if (operation.applyPart !== undefined && faults.happens(11)) return lost(site, 11, [], true)
  if (faults.happens(3)) return lost(site, 3, [faults.chance(3).whole(0, settings.landMs)])
  if (faults.happens(4)) {
    const chance = faults.chance(4)
    const late = chance.whole(0, settings.lateCallHorizonMs)
    return lost(site, 4, chance.chance(0.5) ? [late] : [chance.whole(0, late), late])
  }
  return undefined
}

function deceit(site: Site, operation: Operation): Fate | undefined {
  const { faults } = site
  if (operation.kind === 'weights' && faults.happens(34)) return { kind: 'ignored' }
  if (operation.undo === undefined || !faults.draws(40)) return undefined
  const { landMs, settleMs } = site.settings
  const chance = faults.chance(40)
  return { kind: 'taken', landsAfterMs: chance.whole(0, landMs), revertsAfterMs: settleMs + chance.whole(1_000, 60_000) }
}

function lost(site: Site, fault: number, landsAfterMs: readonly number[], part = false): Fate {
  const chance = site.faults.chance(fault)
  const answersAfterMs = chance.chance(0.2) ? undefined : chance.whole(0, 5_000)
  return { kind: 'lost', landsAfterMs, answersAfterMs, fault, part }
}
