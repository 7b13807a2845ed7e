import { MARKS, markValue, tagged, textOf, type Tag } from './marks.ts'
import { shortened, TARGET_GROUP } from './names.ts'

/** The name of a route's target group: the route's own, or as much of it as fits and a digest. */
export function targetGroupName(binding: string): string {
  return shortened(binding, TARGET_GROUP)
}

/** The tag by which a target group, or a group that registers with it, says the route's name, where the target group's does not. */
export function bindingTags(binding: string): { Key: string; Value: string }[] {
  return targetGroupName(binding) === binding ? [] : [{ Key: MARKS.binding, Value: markValue(binding) }]
}

/** The route of a target group, by its own name and by the tags of whatever speaks of it. */
export function bindingOf(name: string, tags: readonly Tag[] | undefined): string {
  const told = tagged(tags, MARKS.binding)
  const binding = told === undefined ? name : textOf(told)
  return targetGroupName(binding) === name ? binding : name
}
