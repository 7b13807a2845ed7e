import { callFailed } from '../../../src/core/errors.ts'
import type { NameRule } from '../../../src/core/snapshot.ts'
import { MARKS, type Tag } from '../marks.ts'
import type { Caller } from '../sdk/caller.ts'

/**
 * What has been begun with the target groups of a fleet and shows in no rule: tags on its listeners. They are written before what they
 * speak of and erased after it, so that whoever dies in between leaves nothing that nobody finds.
 */
export interface Notes {
  /** Target groups, by name, that are being made. */
  readonly made: readonly string[]
  /** Target groups, by name, that are being taken away. */
  readonly leaving: readonly string[]
}

type Kind = keyof Notes

/** The notes of the fleet with this mark: several fleets may share a listener. */
export function notesIn(tags: readonly Tag[], fleetMark: string): Notes {
  const of = (kind: Kind) =>
    tags.flatMap(({ Key: key = '', Value: value }) =>
      value === fleetMark && key.startsWith(MARKS[kind]) ? [key.slice(MARKS[kind].length)] : [],
    )
  return { made: of('made'), leaving: of('leaving') }
}

/** A route's name stands in the key of a tag, which has at most 128 signs, the mark among them. */
export const ROUTE_NAMES: NameRule = {
  pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,114}$/u,
  allowed: 'a route is noted in the key of a tag of its listener, by at most 114 letters, digits, spaces and _.:/=+-@',
}

/** Writes a note on a listener, unless it is there. */
export async function note(
  caller: Caller,
  { listeners, notes, mark }: { readonly listeners: readonly string[]; readonly notes: Notes; readonly mark: string },
  kind: Kind,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  if (notes[kind].includes(name)) return
  if (!ROUTE_NAMES.pattern.test(name))
    throw callFailed('invalid', 'route', `There can be no route ${name}: ${ROUTE_NAMES.allowed}.`)
  const tag = { Key: MARKS[kind] + name, Value: mark }
  await caller.call('elb', 'AddTags', { ResourceArns: listeners.slice(0, 1), Tags: [tag] }, signal)
}

/** Erases all notes about a target group. */
export async function erase(caller: Caller, listeners: readonly string[], name: string, signal: AbortSignal): Promise<void> {
  const keys = [MARKS.made + name, MARKS.leaving + name]
  await caller.call('elb', 'RemoveTags', { ResourceArns: [...listeners], TagKeys: keys }, signal)
}
