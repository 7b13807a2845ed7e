import { createHash } from 'node:crypto'
import { isObject } from '../../src/core/json.ts'

/** Every tag that imago writes begins so. */
const PREFIX = 'imago:'

/** Tags by which imago finds and tells apart what is its own. */
export const MARKS = {
  /** On a group: the fleet that it belongs to. */
  fleet: `${PREFIX}fleet`,
  /** On a group: the rollout that made it. */
  rollout: `${PREFIX}rollout`,
  /** On a group: who rolls the fleet. */
  claim: `${PREFIX}claim`,
  /** On a group: its minimum before it was raised, and until when it is held. */
  scaleIn: `${PREFIX}scale-in`,
  /** On a group: the launch template that was made for it. */
  template: `${PREFIX}template`,
  /** On an instance: the release that it was launched from. */
  release: `${PREFIX}release`,
} as const

/** A tag's value is at most this long. */
const LONGEST = 256

/** Whether something is a tag that imago wrote. */
export function isMark(value: unknown): boolean {
  return isObject(value) && typeof value['Key'] === 'string' && value['Key'].startsWith(PREFIX)
}

/** A text as a tag's value: itself, or its digest where it is too long for one. */
export function markValue(text: string): string {
  return text.length <= LONGEST ? text : `sha256-${createHash('sha256').update(text).digest('hex')}`
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
