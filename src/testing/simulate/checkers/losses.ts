import { formatCause, type Cause } from '../../world/index.ts'
import { byCall, fleetOf, isWell, writtenBeforeMs, type Scene } from './checker.ts'

/** An instance that the world took, and how. */
export interface Loss {
  readonly at: number
  readonly id: string
  /** The routes that it served. */
  readonly bindings: readonly string[]
  readonly by: string
}

/** The book of instances that stopped serving through no call of ours. */
export interface Losses {
  /** Notes what has changed since the last time. */
  look(floorHolds: boolean): void
  /**
   * Losses that may still explain why the floor does not hold.
   *
   * @param writtenBeforeMs how long ago it was decided what comes true now: what was lost since then nobody could know. @default 0
   */
  all(writtenBeforeMs?: number): readonly Loss[]
}

/** A loss of this long ago may not have been seen by a look that a call rests on. */
const UNSEEN_LOSS_MS = 180_000

/** Opens the book. A loss counts until the floor has held without it, and for as long as a look may have missed it. */
export function createLosses(scene: Scene): Losses {
  const wellSince = new Map<string, { readonly since: number; readonly bindings: readonly string[] }>()
  let losses: Loss[] = []
  let heldAt = scene.world.now
  const isFresh = ({ at }: Loss, forMs: number) => at >= heldAt || scene.world.now - at <= UNSEEN_LOSS_MS + forMs
  return {
    look(floorHolds) {
      const { now } = scene.world
      if (floorHolds) heldAt = now
      const well = servingNow(scene)
      for (const [id, bindings] of well) wellSince.set(id, { since: wellSince.get(id)?.since ?? now, bindings })
      for (const [id, { since, bindings }] of wellSince) {
        if (well.has(id)) continue
        wellSince.delete(id)
        const cause = scene.world.trace.entries.at(-1)?.cause
        // What became well after the look that the call rests on was never relied on.
        if (!byCall(scene)) losses.push({ at: now, id, bindings, by: cause === undefined ? 'unknown' : formatCause(cause) })
        else if (since >= seenUntil(scene, cause)) losses.push({ at: now, id, bindings, by: 'never relied on' })
      }
      losses = losses.filter((one) => isFresh(one, writtenBeforeMs(scene)))
    },
    all: (forMs = 0) => losses.filter((one) => isFresh(one, forMs)),
  }
}

/** Instances that serve, and by which routes. */
function servingNow(scene: Scene): ReadonlyMap<string, readonly string[]> {
  const well = new Map<string, readonly string[]>()
  const fleet = fleetOf(scene)
  for (const group of fleet?.groups.values() ?? []) {
    const bindings = [...(fleet?.routes.values() ?? [])]
      .filter((route) => route.groups.has(group.id))
      .map((route) => route.binding)
    for (const instance of group.instances) if (isWell(instance) && instance.serving) well.set(instance.machine.id, bindings)
  }
  return well
}

/** The last moment that the look shows which the latest call rests on. */
function seenUntil({ calls, plan }: Scene, cause: Cause | undefined): number {
  const call = calls.findLast((one) => cause?.name.startsWith(`${one.token} `) === true)
  const { provider, router } = plan.restsOn
  return call === undefined ? Infinity : call.lookedAt - Math.max(provider.settleMs, router?.settleMs ?? 0)
}
