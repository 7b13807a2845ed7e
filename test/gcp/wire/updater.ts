import { leaving } from './leaving.ts'
import { isAvailable, outdated, staying } from './members.ts'
import { countOf, surgeOf, unavailableOf } from './policy.ts'
import type { GroupRecord, Project } from './project.ts'

/** How often a group's updater looks at it. */
const PERIOD_MS = 5_000

/** What launches so many instances of the versions that lack some. */
type Launch = (count: number) => void

/** Lets the updater of a group look at it again and again, as long as there is something for it to do. */
export function update(project: Project, group: GroupRecord, launch: Launch): void {
  if (group.watched === true || !isAtWork(group)) return
  group.watched = true
  project.world.schedule(
    project.world.now + PERIOD_MS,
    () => {
      group.watched = false
      if (isAtWork(group)) step(project, group, launch)
      update(project, group, launch)
    },
    { kind: 'updater', name: group.name },
  )
}

/** Instances that a group may have: those that its updater has launched beyond the size are not too many. */
export function allowed(group: GroupRecord): number {
  return group.targetSize + extraOf(group)
}

/** A size that was raised since counts what was beyond it. */
function extraOf(group: GroupRecord): number {
  return Math.max(0, Math.min(group.extra ?? 0, staying(group).length - group.targetSize))
}

/** It works while its group is proactive; told to leave instances alone it goes on with those that it has launched others for. */
function isAtWork(group: GroupRecord): boolean {
  const { updateType, mostDisruptive = 'REPLACE', deleting } = group
  if (deleting === true || outdated(group).length === 0) return false
  return (updateType === 'PROACTIVE' && mostDisruptive === 'REPLACE') || extraOf(group) > 0
}

/** Ends whom it may, launches in their stead, and beyond the size as many as it may and has use for. */
function step(project: Project, group: GroupRecord, launch: Launch): void {
  group.extra = extraOf(group)
  const isProactive = group.updateType === 'PROACTIVE'
  const available = () => staying(group).filter((one) => isAvailable(group, one)).length
  const least = group.targetSize - (isProactive ? countOf(group, unavailableOf(group), 'down') : 0)
  for (const one of outdated(group)) {
    const mayGo = isAvailable(group, one) ? available() - 1 >= least : isProactive
    if (!mayGo || (!isProactive && group.extra === 0)) continue
    leaving(project, group, one)
    group.extra = Math.max(0, group.extra - 1)
  }
  if (!isProactive) return
  const missing = group.targetSize - staying(group).length
  if (missing > 0) launch(missing)
  const room = Math.min(countOf(group, surgeOf(group), 'up'), outdated(group).length) - group.extra
  if (room <= 0 || group.replacementMethod === 'RECREATE') return
  group.extra += room
  launch(room)
}
