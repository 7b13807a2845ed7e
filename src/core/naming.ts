import type { Placement } from './ports.ts'
import type { GroupId, ReleaseId } from './snapshot.ts'

const NUMBERED = /^(?<stem>.*)-v(?<number>\d{3,})$/

/** The next free numbered name after these groups: `web` → `web-v001`, `web-v007` → `web-v008`. */
export function nextGroupName(groups: readonly GroupId[]): GroupId {
  let stem = groups[0] ?? 'group'
  let highest = 0
  for (const group of groups) {
    const parts = NUMBERED.exec(group)?.groups
    if (parts === undefined) continue
    stem = parts['stem'] ?? stem
    highest = Math.max(highest, Number(parts['number']))
  }
  return `${stem}-v${String(highest + 1).padStart(3, '0')}`
}

/** The id of a generation: its group's name where it has one of its own, else group and release. */
export function generationId(placement: Placement, group: GroupId, release: ReleaseId): string {
  return placement.kind === 'in-place' ? `${group}@${release}` : group
}
