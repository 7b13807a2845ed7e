import { formatCause } from '../../world/index.ts'
import type { CheckerOf } from './checker.ts'

/** What became well this late was out of its route, and chosen to leave, while it was ill: no look could show that it came back. */
const LATELY_MS = 60_000

/** I4: no call of ours ends an instance that has requests under way, but one whose time to drain was over. */
export const drainedFirst: CheckerOf = (scene, findings) => {
  const { journal, plan, truth, world } = scene
  const { hook, deadlineMs } = plan.drain
  const drainMs = (plan.restsOn.router?.drainDeadlineMs ?? 0) + (hook === undefined ? 0 : deadlineMs)
  let read = truth.severed.length
  return {
    onInstant() {
      for (; read < truth.severed.length; read++) {
        const severed = truth.severed[read]
        // Without a router nothing can be kept from an instance.
        if (severed?.cause.kind !== 'call' || plan.restsOn.router === undefined) continue
        const { instance, group, cause } = severed
        const what = `${instance} of ${group} was ended with requests under way by ${formatCause(cause)}`
        const overdue = journal.some(
          (event) =>
            (event.type === 'instance.leaving' && event.instance === instance && world.now - event.at >= drainMs) ||
            (event.type === 'instance.drained' && event.instance === instance && !event.clean),
        )
        const back = world.trace.entries.findLast((entry) => entry.what === `${instance} healthy`)
        if (overdue) findings.excused('I4', `${what}; its time to drain was over`)
        else if (back !== undefined && world.now - back.at < LATELY_MS) findings.excused('I4', `${what}; it had just come up`)
        else findings.broken('I4', what)
      }
    },
    atEnd() {
      for (const event of journal) if (event.type === 'instance.drained') findings.met('I4')
    },
  }
}
