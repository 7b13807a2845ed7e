import type { Problem } from './errors.ts'
import type { Placement } from './ports.ts'
import type { BindingId, GroupId, NameRule, ReleaseId } from './snapshot.ts'

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

/** What a plan calls the things that it is to make. */
export interface NewNames {
  /** @default - no group is made */
  readonly group?: GroupId
  /** @default - no route is made */
  readonly route?: BindingId
}

/** What those who are to make things do not allow of their names. */
export function nameProblems(
  names: NewNames,
  rules: { readonly group: NameRule | undefined; readonly route: NameRule | undefined },
): Problem[] {
  return (['group', 'route'] as const).flatMap((kind) => {
    const [name, rule] = [names[kind], rules[kind]]
    if (name === undefined || rule === undefined || rule.pattern.test(name)) return []
    const found = `the new ${kind} ${JSON.stringify(name)}, ${name.length} signs`
    return { path: 'groups', found, allowed: `${rule.allowed}; it is called after the group that is adopted` }
  })
}
