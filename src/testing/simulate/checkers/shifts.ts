import { fleetOf, writtenBeforeMs, type Scene } from './checker.ts'
import { serving, shares, worth, type ByRoute } from './worth.ts'

/** How far back what was seen may lie that a change of weights rests on. */
const MEMORY_MS = 180_000

/** The book of what each route could serve a moment ago. */
export interface Shifts {
  /** Notes how things stand. */
  look(): void
  /** Whether weights have changed just now. */
  areNew(): boolean
  /** Whether the latest change of weights made things better as they were when it was decided on, and the world changed since. */
  wereBetter(): boolean
}

/** Opens the book. */
export function createShifts(scene: Scene): Shifts {
  let moments: { readonly at: number; readonly carriers: ByRoute }[] = []
  let [before, now]: [ByRoute, ByRoute] = [new Map(), new Map()]
  let changedAt = -1
  const memoryMs = MEMORY_MS + writtenBeforeMs(scene)
  return {
    look() {
      const fleet = fleetOf(scene)
      if (fleet === undefined || scene.plan.restsOn.router === undefined) return
      const at = scene.world.now
      const latest = shares(fleet)
      if (!equal(latest, now)) [before, now, changedAt] = [now, latest, at]
      moments.push({ at, carriers: serving(fleet) })
      if ((moments[0]?.at ?? 0) < at - 2 * memoryMs) moments = moments.filter((one) => one.at >= at - memoryMs)
    },
    areNew: () => changedAt === scene.world.now,
    wereBetter() {
      if (changedAt !== scene.world.now) return false
      const index = scene.journal.findLastIndex((one) => one.type === 'command.intended' && one.command.kind === 'set-weights')
      const { provider, router } = scene.plan.restsOn
      const seenFrom = (scene.storedAt[index] ?? Infinity) - Math.max(provider.settleMs, router?.settleMs ?? 0)
      // What a look of that time showed first is how things stood when they last changed before it.
      const first = Math.max(
        0,
        moments.findLastIndex(({ at }) => at <= seenFrom),
      )
      const seen = moments.slice(first)
      // Groups and routes are not read at one moment: each is shown as it was somewhere in that time.
      const worst = Math.min(...seen.map(({ carriers }) => worth(carriers, before)))
      return seen.some(({ carriers }) => worth(carriers, now) > worst)
    },
  }
}

function equal(a: ByRoute, b: ByRoute): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) if (b.get(key) !== value) return false
  return true
}
