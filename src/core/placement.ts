import type { Placement } from './ports.ts'
import type { GroupId } from './snapshot.ts'

/** The groups that a placement names; others are found by their marks. */
export function groupsNamed(placement: Placement): readonly [GroupId, ...GroupId[]] {
  switch (placement.kind) {
    case 'clone':
      return [placement.adopt]
    case 'slots':
      return [placement.a, placement.b]
    case 'in-place':
      return [placement.group]
  }
}
