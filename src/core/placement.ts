import type { Placement } from './ports.ts'
import type { GroupId } from './snapshot.ts'

/** Two groups that infrastructure code owns. */
export type Slots = Extract<Placement, { readonly kind: 'slots' }>

/** The slot that a fleet of two slots does not use now. */
export function otherSlot({ a, b }: Slots, group: GroupId): GroupId {
  return group === a ? b : a
}

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
