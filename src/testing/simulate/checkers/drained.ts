import type { Severed } from '../../cloud/index.ts'
import { formatCause } from '../../world/index.ts'
import type { CheckerOf, Scene } from './checker.ts'

/** The furthest that two readings of the store's clock are apart beyond the time between them. */
const LARGEST_SKEW_MS = 60_000

/**
 * I4: no call of ours ends an instance that has requests under way, but one that had left its route for as long as it may
 * take to drain, or one that was ill and came back when no look that the call rests on could show it.
 */
export const drainedFirst: CheckerOf = (scene, findings) => {
  const { plan, truth } = scene
  let read = truth.severed.length
  return {
    onInstant() {
      for (; read < truth.severed.length; read++) {
        const severed = truth.severed[read]
        // Without a router nothing can be kept from an instance.
        if (severed?.cause.kind !== 'call' || plan.restsOn.router === undefined) continue
        const what = `${severed.machine} of ${severed.group} was ended with requests under way by ${formatCause(severed.cause)}`
        if (!severed.reached && hadItsTime(scene, severed)) findings.excused('I4', `${what}; its time to drain was over`)
        else if (cameBackUnseen(scene, severed)) findings.excused('I4', `${what}; it had just come up`)
        else findings.broken('I4', what)
      }
    },
    atEnd() {
      for (const event of scene.journal) if (event.type === 'instance.drained') findings.met('I4')
    },
  }
}

/** By the world's clock; the engine judges by the store's, which may have jumped meanwhile. */
function hadItsTime(scene: Scene, { instance }: Severed): boolean {
  const { hook, deadlineMs } = scene.plan.drain
  const drainMs = (scene.plan.restsOn.router?.drainDeadlineMs ?? 0) + (hook === undefined ? 0 : deadlineMs)
  const leastMs = drainMs - Math.min(scene.clockJumpedMs(), LARGEST_SKEW_MS)
  const began = scene.journal.findLastIndex((event) => event.type === 'drain.started' && event.instances.includes(instance))
  return began !== -1 && scene.world.now - (scene.storedAt[began] ?? Infinity) >= leastMs
}

function cameBackUnseen({ journal, plan, calls, world }: Scene, { instance, machine, cause }: Severed): boolean {
  const drained = journal.some((event) => event.type === 'instance.drained' && event.instance === instance)
  const back = world.trace.entries.findLast((entry) => entry.what === `${machine} healthy`)
  const call = calls.find((one) => cause.name.startsWith(`${one.token} `))
  if (!drained || back === undefined || call === undefined) return false
  const { provider, router } = plan.restsOn
  return back.at >= call.lookedAt - Math.max(provider.settleMs, router?.settleMs ?? 0)
}
