import type { LaunchFailures } from '../../../src/core/snapshot.ts'
import type { Where } from '../where.ts'
import type { LoggedError, Manager } from '../sdk/resources.ts'
import { causeOf, textOf } from '../sdk/causes.ts'
import { nameOf } from './groups.ts'
import { readRepairs } from './repairs.ts'

/**
 * Counts what went wrong in groups.
 *
 * A managed instance group keeps no counter, but a log of the errors of its actions, and Compute the operations by which it repaired its
 * instances. What was read is remembered, so that the count never falls when they are forgotten, and nothing is read of a group that is stable.
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
      if (known === undefined || group.status?.isStable !== true) {
        const [errors, repairs] = await Promise.all([readErrors(place, nameOf(group), signal), readRepairs(place, group, signal)])
        for (const one of errors) enter(ledger, failedOf(one))
        for (const one of repairs) enter(ledger, { ...one, last: { class: 'unknown', message: one.message } })
      }
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

interface Entry {
  readonly id: string
  readonly at: string
  readonly last: NonNullable<LaunchFailures['last']>
}

/** An error has no id: when it was, of which instance, and what it was tell it from all others. */
function failedOf({ timestamp: at = '', error = {}, instanceActionDetails: details = {} }: LoggedError): Entry {
  const id = [at, details.instance, details.action, error.code].join(' ')
  return { id, at, last: { class: causeOf(error), message: textOf(error) } }
}

function enter(ledger: Ledger, { id, at, last }: Entry): void {
  ledger.seen.add(id)
  if (at < ledger.lastAt) return
  ledger.lastAt = at
  ledger.last = last
}
