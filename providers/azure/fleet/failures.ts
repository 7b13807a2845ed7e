import type { LaunchFailures } from '../../../src/core/snapshot.ts'
import { classOf } from '../sdk/failures.ts'
import { statusOf, type Member, type Status } from './member.ts'

/**
 * Counts what went wrong in scale sets.
 *
 * Azure has neither a counter nor a log of it that could be read with the set: it shows how instances are now. Every failure that was
 * seen is remembered, so that the count does not fall when Azure takes the instance away; a process that begins anew counts from what it
 * sees.
 */
export interface FailureCounter {
  /** @param set what tells this set from every other, also from one that had its name. */
  count(set: string, seen: readonly Failure[]): LaunchFailures
}

/** Something that went wrong, once. */
export interface Failure {
  /** The same for the same failure, whenever it is seen. */
  readonly id: string
  /** Azure's code, where it gave one. */
  readonly code: string
  readonly message: string
}

/** Makes a counter that has seen nothing yet. */
export function createFailureCounter(): FailureCounter {
  const ledgers = new Map<string, { readonly seen: Set<string>; last: LaunchFailures['last'] }>()
  return {
    count(set, seen) {
      const ledger = ledgers.get(set) ?? { seen: new Set(), last: undefined }
      ledgers.set(set, ledger)
      for (const { id, code, message } of seen) {
        if (ledger.seen.has(id)) continue
        ledger.seen.add(id)
        // What no code tells is a setting that Azure does not accept.
        ledger.last = { class: classOf(code, message) ?? 'invalid', message: code === '' ? message : `${code}: ${message}` }
      }
      return { count: ledger.seen.size, ...(ledger.last === undefined ? {} : { last: ledger.last }) }
    },
  }
}

/** Instances that could not be made as they should, and those that were and have stopped since: Azure does not tell who stopped one. */
export function failuresOf(members: readonly Member[]): Failure[] {
  return members.flatMap(({ id, unique, provisioning, statuses }) => {
    const status = statusOf(statuses, 'ProvisioningState')
    const power = statusOf(statuses, 'PowerState')
    if (provisioning === 'Succeeded' && /^PowerState\/stopped$/i.test(power?.code ?? ''))
      return [{ id: `${unique} ended`, code: '', message: `${id} is PowerState/stopped: it has ended, or somebody stopped it` }]
    if (provisioning !== 'Failed' && !isFailed(status)) return []
    return [failure(unique, status, `${id} is Failed, and Azure does not say why.`)]
  })
}

/** What a status of a whole set says went wrong. */
export function failureOfSet(statuses: readonly Status[]): Failure[] {
  const status = statusOf(statuses, 'ProvisioningState')
  return isFailed(status) ? [failure('the set', status, 'The scale set is Failed, and Azure does not say why.')] : []
}

/** `ProvisioningState/failed/AllocationFailed` has its code at the end. */
function failure(whose: string, status: Status | undefined, otherwise: string): Failure {
  const { message, displayStatus, time, code = '' } = status ?? {}
  const why = code.split('/')[2] ?? ''
  return {
    id: `${whose} ${why} ${time?.getTime() ?? ''}`,
    code: why,
    message: [message, otherwise].find((one) => one !== undefined && one !== '') ?? displayStatus ?? '',
  }
}

function isFailed(status: Status | undefined): boolean {
  return /^ProvisioningState\/failed/i.test(status?.code ?? '')
}
