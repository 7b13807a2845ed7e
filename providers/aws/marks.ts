import { createHash } from 'node:crypto'
import { isObject } from '../../src/core/json.ts'

/** Every tag that imago writes begins so. */
const PREFIX = 'imago:'

/** Tags by which imago finds and tells apart what is its own. */
export const MARKS = {
  /** On a group, a target group or a launch template: the fleet that it belongs to. */
  fleet: `${PREFIX}fleet`,
  /** On a group: the rollout that made it. */
  rollout: `${PREFIX}rollout`,
  /** On a group: something of it is still to be made. */
  partial: `${PREFIX}partial`,
  /** On a group: who rolls the fleet. */
  claim: `${PREFIX}claim`,
  /** On a group: its minimum before it was raised, and until when it is held. */
  scaleIn: `${PREFIX}scale-in`,
  /** On a target group and on a group that registers with it: the route's name, where a target group cannot have it. */
  binding: `${PREFIX}binding`,
  /** On a listener, with a name behind it: a target group that is being made. Its value is the fleet's mark. */
  made: `${PREFIX}route:`,
  /** On a listener, with a name behind it: a target group that is being taken away. Its value is the fleet's mark. */
  leaving: `${PREFIX}leaving:`,
  /** On an instance: the release that it was launched from. */
  release: `${PREFIX}release`,
} as const

/** Signs that may not stand in every tag, and those by which holds are written. */
const OTHER_SIGNS = /[^\p{L}\p{N}_.:/+\-@]/gu
/** A tag's value is at most this long. */
const LONGEST = 256

/** Whether something is a tag that imago wrote. */
export function isMark(value: unknown): boolean {
  return isObject(value) && typeof value['Key'] === 'string' && value['Key'].startsWith(PREFIX)
}

/** A text as a tag's value: its other signs written as `=23`, or its digest where it is too long for a tag. */
export function markValue(text: string): string {
  const written = text.replaceAll(OTHER_SIGNS, (sign) => `=${Buffer.from(sign).toString('hex').match(/../g)?.join('=')}`)
  return written.length <= LONGEST ? written : `sha256-${createHash('sha256').update(text).digest('hex')}`
}

/** The text of a tag's value. */
export function textOf(value: string): string {
  return value.replaceAll(/(?:=[0-9a-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('=', ''), 'hex').toString())
}

/** A rollout in a tag of its fleet's group: its id begins with the fleet's, which has a tag of its own. */
export function markRollout(fleet: string, rollout: string): string {
  return markValue(rollout.startsWith(`${fleet}#`) ? `@/${rollout.slice(fleet.length + 1)}` : rollout)
}

/** The other way round. */
export function rolloutMarked(fleet: string, mark: string): string {
  return mark.startsWith('@/') ? `${fleet}#${mark.slice(2)}` : textOf(mark)
}

/** A tag as every API of AWS gives it back. */
export interface Tag {
  readonly Key?: string | undefined
  readonly Value?: string | undefined
}

/** The value of a tag. */
export function tagged(tags: readonly Tag[] | undefined, key: string): string | undefined {
  return tags?.find((one) => one.Key === key)?.Value
}
