import { formatCause } from '../../world/index.ts'
import { byCall, fleetOf, servingIn, writtenBeforeMs, type CheckerOf, type Scene } from './checker.ts'
import { createLosses } from './losses.ts'
import { mayBeUnavailable, mustServe } from './reckon.ts'
import { createShifts } from './shifts.ts'
import { capacity } from './worth.ts'

/** What happened this long ago may still explain what a look did not show. */
const MEMORY_MS = 180_000

/**
 * I1: no call of ours brings serving capacity below the floor. What the world took itself is not ours; but what it took
 * is named, and only the instances that it took are forgiven.
 */
export const floorHolds: CheckerOf = (scene, findings) => {
  const unavailable = Math.max(
    ...scene.plan.waypoints.map((one) => mayBeUnavailable(one.budget.maxUnavailable, scene.plan.recorded.size)),
  )
  const floor = mustServe(scene.plan.floor, scene.plan.recorded.size, unavailable)
  const losses = createLosses(scene)
  const shifts = createShifts(scene)
  let before = capacity(scene)
  let best = before
  return {
    onInstant() {
      const now = capacity(scene)
      best = Math.max(best, now)
      losses.look(now >= floor)
      shifts.look()
      if (now < before && byCall(scene)) {
        findings.met('I1')
        if (now < floor) judge(now)
      }
      before = now
    },
  }

  function judge(now: number): void {
    const taken = losses.all(shifts.areNew() ? writtenBeforeMs(scene) : 0)
    const missing = missingFromStable(scene)
    const why = [
      ...taken.map((one) => `${one.id} (${one.by})`),
      ...(missing > 0 ? [`${missing} that stable never got back`] : []),
    ]
    if (othersWeights(scene)) why.push('weights that somebody else had set')
    const better = shifts.wereBetter()
    if (better) why.push('what has recovered since those weights were decided on')
    const what = `${now} instances' worth serves, the floor is ${floor}; taken: ${why.join(', ') || 'none'}`
    // What never served cannot be taken: a plan that was rebuilt counts as needed what may be ill.
    if (capacity(scene, taken) + missing >= Math.min(floor, best) || othersWeights(scene) || better) findings.excused('I1', what)
    else findings.broken('I1', what)
  }
}

/** I2: no call of ours sends traffic where nobody takes it. I3: weights are whole, and sum to all there is. */
export const trafficCarried: CheckerOf = (scene, findings) => {
  const units = scene.plan.restsOn.router?.units ?? 0
  const losses = createLosses(scene)
  let before: Readonly<Record<string, number>> = scene.truth.weights(scene.fleetId)
  return {
    onInstant() {
      if (scene.plan.restsOn.router === undefined) return
      losses.look(true)
      const now = scene.truth.weights(scene.fleetId)
      if (same(before, now)) return
      const ours = byCall(scene)
      if (ours) sums(now)
      if (ours) for (const binding in now) if ((now[binding] ?? 0) > (before[binding] ?? 0)) carried(binding, now[binding] ?? 0)
      before = { ...now }
    },
    // What a router refuses was asked for all the same.
    atEnd() {
      for (const { name, given } of scene.calls) if (name === 'setWeights') sums(given[2] as Readonly<Record<string, number>>)
    },
  }

  function sums(weights: Readonly<Record<string, number>>): void {
    findings.met('I3')
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
    if (total !== units || Object.values(weights).some((weight) => weight < 0 || !Number.isInteger(weight)))
      findings.broken('I3', `weights ${JSON.stringify(weights)} do not sum to ${units}`)
  }

  function carried(binding: string, weight: number): void {
    findings.met('I2')
    const fleet = fleetOf(scene)
    let serving = 0
    let worldTook = 0
    for (const group of fleet?.routes.get(binding)?.groups.keys() ?? []) {
      const found = fleet?.groups.get(group)
      if (found === undefined) continue
      serving += servingIn(found)
      worldTook += found.instances.filter(({ machine, terminating }) => !terminating && ILL.has(machine.state)).length
    }
    if (serving > 0) return
    const lost = losses.all(writtenBeforeMs(scene)).find((one) => one.bindings.includes(binding))
    const taken = lost === undefined ? takenLately(scene, binding) : `${lost.id} (${lost.by})`
    if (serving + worldTook > 0 || taken !== undefined)
      findings.excused(
        'I2',
        `${binding} got weight ${weight}; ${serving} serve, ${worldTook} were taken${taken === undefined ? '' : `, ${taken}`}`,
      )
    else findings.broken('I2', `${binding} got weight ${weight} and nobody there serves`)
  }
}

const ILL: ReadonlySet<string> = new Set(['unhealthy', 'dead'])

/** Instances that stable's group wants and does not have: nothing of ours ever takes them while it serves. */
function missingFromStable(scene: Scene): number {
  const stable = fleetOf(scene)?.groups.get(scene.plan.stable.group)
  if (stable === undefined || stable.retiring || scene.plan.candidate.binding === scene.plan.stable.binding) return 0
  return Math.max(0, (stable.sizes[scene.plan.stable.release.id] ?? 0) - servingIn(stable))
}

/** Whether weights that are no doing of ours were in force a moment ago. */
function othersWeights(scene: Scene): boolean {
  return scene.world.trace.entries.some(
    ({ at, cause, what }) =>
      scene.world.now - at < MEMORY_MS + writtenBeforeMs(scene) && cause.kind !== 'call' && what.startsWith('weights of'),
  )
}

/** What the world, and not a call, did a moment ago to machines of this name that may never have served. */
function takenLately(scene: Scene, binding: string): string | undefined {
  const entry = scene.world.trace.entries.findLast(
    ({ at, cause, what }) =>
      scene.world.now - at < MEMORY_MS + writtenBeforeMs(scene) &&
      cause.kind !== 'call' &&
      what.startsWith(binding) &&
      /terminating|dead/.test(what),
  )
  return entry === undefined ? undefined : `${entry.what} (${formatCause(entry.cause)})`
}

function same(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): boolean {
  for (const key in a) if (a[key] !== (b[key] ?? 0)) return false
  for (const key in b) if (b[key] !== (a[key] ?? 0)) return false
  return true
}
