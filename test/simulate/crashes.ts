import { courses, goThrough, type Blow, type Course, type End } from 'imago/testing'

export { courses }

/** Every single blow of a course that was gone through unharmed. */
export function singleBlows(unharmed: End): Blow[] {
  const kinds = ['dies before', 'dies after', 'loses the answer'] as const
  return kinds.flatMap((kind) => Array.from({ length: unharmed.places }, (_, index) => ({ at: index + 1, kind })))
}

/** A death before and after every call of any kind, reads of the cloud and of the store among them. */
export function blowsAtAnyCall(unharmed: End): Blow[] {
  const kinds = ['dies before', 'dies after'] as const
  return kinds.flatMap((kind) => Array.from({ length: unharmed.steps }, (_, index) => ({ at: index + 1, kind, readsToo: true })))
}

/** Every single blow, and a second death at each of the next three places. */
export function doubleBlows(unharmed: End): Blow[] {
  return singleBlows(unharmed).flatMap((blow) => [1, 2, 3].map((again) => ({ ...blow, again })))
}

/** What is wrong with the end of a course that was struck; `undefined` when it is the end of the unharmed one. */
export async function fault(course: Course, unharmed: End, blow: Blow): Promise<string | undefined> {
  const struck = await goThrough(course, blow)
  const lost = blow.again === undefined ? 1 : 2
  const where = `${blow.kind} at ${blow.readsToo === true ? 'call ' : ''}${blow.at}${blow.again === undefined ? '' : ` and ${blow.again} later`}`
  if (struck.outcome !== unharmed.outcome) return `${where}: ${struck.outcome} instead of ${unharmed.outcome}`
  if (struck.state !== unharmed.state) return `${where}: it ended as\n${struck.state}\ninstead of\n${unharmed.state}`
  return struck.calls <= unharmed.calls + lost
    ? undefined
    : `${where}: ${struck.calls} calls instead of ${unharmed.calls} and ${lost} lost`
}
