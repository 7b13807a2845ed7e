import { callFailed, isRolloutError } from './errors.ts'
import type { GroupView, InstanceView, ReleaseId } from './snapshot.ts'

/** Sizes by release. */
export type Sizes = Readonly<Record<ReleaseId, number>>

/** What a group has in all when these sizes are written; those of other releases stay. @throws RolloutError `call-failed`. */
export function totalOf(group: GroupView, sizes: Sizes, known: Readonly<Record<ReleaseId, unknown>>, call: string): number {
  for (const [release, size] of Object.entries(sizes)) {
    checkSize(group.id, size, call)
    if (size > 0 && !(release in known)) throw callFailed('invalid', call, `The group ${group.id} knows no release ${release}.`)
  }
  const total = Object.values({ ...group.sizes, ...sizes }).reduce((sum, size) => sum + size, 0)
  checkMaximum(group.id, total, group.max, call)
  return total
}

/** What a resize makes: none of the releases that it names has less than before. */
export function sizesGrown(before: Sizes, sizes: Sizes): Sizes {
  return Object.fromEntries(Object.entries(sizes).map(([release, size]) => [release, Math.max(size, before[release] ?? 0)]))
}

/** What a removal leaves: of no release more than before, and never fewer than those that stay. */
export function sizesLeft(before: Sizes, sizesAfter: Sizes, staying: readonly Pick<InstanceView, 'release'>[]): Sizes {
  const left: Record<ReleaseId, number> = {}
  for (const [release, size] of Object.entries(sizesAfter)) {
    const there = staying.filter((one) => one.release === release).length
    left[release] = Math.max(Math.min(size, before[release] ?? 0), there)
  }
  return left
}

/**
 * For whoever writes something after a size: a conflict says nothing of the size, which whoever asked for it would take for unwritten.
 * @throws RolloutError `call-failed`, of class `transient` instead of `conflict`.
 */
export function afterSize(error: unknown): never {
  if (!isRolloutError(error, 'call-failed') || error.facts.class !== 'conflict') throw error
  throw callFailed('transient', error.facts.call, `The size is written, and then: ${error.message}`, {
    ...error.facts,
    cause: error,
  })
}

/** @throws RolloutError `call-failed` of class `invalid`. */
export function checkSize(id: string, size: number, call: string): void {
  if (!Number.isInteger(size) || size < 0) throw callFailed('invalid', call, `The group ${id} cannot have ${size} instances.`)
}

/** @throws RolloutError `call-failed` of class `quota`. */
export function checkMaximum(id: string, size: number, max: number, call: string): void {
  if (size > max) throw callFailed('quota', call, `The group ${id} can have ${max} instances at most, not ${size}.`)
}
