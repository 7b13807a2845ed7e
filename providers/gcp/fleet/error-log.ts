import type { LaunchFailures } from '../../../src/core/snapshot.ts'
import type { Where } from '../where.ts'
import type { LoggedError, Manager } from '../sdk/resources.ts'
import { causeOf, textOf } from '../sdk/causes.ts'
import { nameOf } from './groups.ts'

/**
 * Counts what went wrong in groups.
 *
 * A managed instance group keeps no counter, but a log of the errors of its actions. What was read of it is remembered, so that the count
 * never falls when the log forgets, and nothing is read of a group that is stable.
 */
export interface ErrorLog {
  count(group: Manager, signal: AbortSignal): Promise<LaunchFailures>
}

interface Ledger {
  readonly seen: Set<string>
  last: LaunchFailures['last']
  lastAt: string
}

/** Makes a log that has read nothing yet. */
export function createErrorLog(place: Where): ErrorLog {
  const ledgers = new Map<string, Ledger>()
  return {
    async count(group, signal) {
      const id = String(group.id)
      const known = ledgers.get(id)
      const ledger: Ledger = known ?? { seen: new Set(), last: undefined, lastAt: '' }
      if (known === undefined || group.status?.isStable !== true)
        for (const one of await readErrors(place, nameOf(group), signal)) enter(ledger, one)
      ledgers.set(id, ledger)
      return { count: ledger.seen.size, ...(ledger.last === undefined ? {} : { last: ledger.last }) }
    },
  }
}

function readErrors(
  { caller, project, location, kind }: Where,
  group: string,
  signal: AbortSignal,
): Promise<readonly LoggedError[]> {
  const request = { project, instanceGroupManager: group }
  return kind === 'zone'
    ? caller.list('instanceGroupManagers.listErrors', { ...request, zone: location }, signal)
    : caller.list('regionInstanceGroupManagers.listErrors', { ...request, region: location }, signal)
}

/** An error has no id: when it was, of which instance, and what it was tell it from all others. */
function enter(ledger: Ledger, { timestamp: at = '', error = {}, instanceActionDetails: details = {} }: LoggedError): void {
  ledger.seen.add([at, details.instance, details.action, error.code].join(' '))
  if (at < ledger.lastAt) return
  ledger.lastAt = at
  ledger.last = { class: causeOf(error), message: textOf(error) }
}
