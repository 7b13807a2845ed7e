import type { Failure } from './failures.ts'
import type { Member } from './member.ts'

/**
 * Tells whom a set has had repaired for being ill.
 *
 * Azure keeps no record of it that could be read with the set: whoever was ill is on its way out, and another comes. Only who has seen
 * it ill can tell, so a process that begins anew tells of none that was ill before.
 */
export interface RepairWatch {
  /** @returns those that were ill when they were last seen, and are taken away. @param set as for the counter of failures. */
  see(set: string, members: readonly Member[]): Failure[]
  /** What is removed on purpose is no failure, however ill it was. @param unique of each instance. */
  excuse(unique: readonly string[]): void
}

/** So often an instance must be missing from a list, for one list may be older than the one before it. */
const MISSING_LOOKS = 2

/** Makes a watch that has seen nobody yet. */
export function createRepairWatch(): RepairWatch {
  const sets = new Map<string, Map<string, Ill>>()
  return {
    see(set, members) {
      const ill = sets.get(set) ?? new Map<string, Ill>()
      sets.set(set, ill)
      const repaired: Failure[] = []
      for (const [unique, one] of ill) {
        const member = members.find((other) => other.unique === unique)
        one.missing = member === undefined ? one.missing + 1 : 0
        if (member?.provisioning === 'Deleting' || one.missing === MISSING_LOOKS) repaired.push(failureOf(unique, one))
        if (one.missing === MISSING_LOOKS || (member !== undefined && !isIll(member))) ill.delete(unique)
      }
      for (const member of members)
        if (isIll(member) && !ill.has(member.unique))
          ill.set(member.unique, { id: member.id, why: member.health?.message ?? '', missing: 0 })
      return repaired
    },
    excuse(unique) {
      for (const ill of sets.values()) for (const one of unique) ill.delete(one)
    },
  }
}

/** An instance that was last seen ill. */
interface Ill {
  readonly id: string
  readonly why: string
  missing: number
}

function failureOf(unique: string, { id, why }: Ill): Failure {
  const said = why === '' ? '' : `: ${why}`
  return { id: `${unique} ended`, code: '', message: `${id} was HealthState/unhealthy and is taken away${said}` }
}

function isIll({ provisioning, health }: Member): boolean {
  return provisioning === 'Succeeded' && /^HealthState\/unhealthy$/i.test(health?.code ?? '')
}
