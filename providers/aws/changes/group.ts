import { callFailed } from '../../../src/core/errors.ts'
import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import type { FoundGroups } from '../fleet/groups.ts'

/** A group of the fleet that is not being deleted. @throws RolloutError `call-failed` of class `not-found`. */
export function groupIn({ groups }: FoundGroups, id: string, call: string): AutoScalingGroup {
  const group = groups.find((one) => nameOf(one) === id && one.Status === undefined)
  if (group !== undefined) return group
  const there = groups.map(nameOf).join(', ') || 'none'
  throw callFailed('not-found', call, `The fleet has no Auto Scaling group ${id}; there are: ${there}.`)
}
