import { callFailed } from '../../src/core/errors.ts'
import { isObject } from '../../src/core/json.ts'
import type { HoldView } from '../../src/core/snapshot.ts'

/** A hold as it is written, with what there was before it. */
export interface HoldMark extends Omit<HoldView, 'kind'> {
  /** How the autoscaler worked before the first hold. @default - nothing was changed in it */
  readonly mode?: string
  /** The group moved instances between its zones by itself, and was stopped. */
  readonly redistributes?: true
}

/** What imago changes of how a group updates itself. */
export interface OwnPolicy {
  readonly type?: string
  readonly minimalAction?: string
  readonly replacementMethod?: string
  readonly maxSurge?: { readonly fixed?: number; readonly percent?: number }
  readonly maxUnavailable?: { readonly fixed?: number; readonly percent?: number }
}

/**
 * What imago writes on its own resources, and on those of a fleet that it rolls. They have no labels: it stands behind whatever else their
 * description says.
 */
export interface Marks {
  /** The fleet that it belongs to. */
  readonly fleet?: string
  /** Of a group: the rollout that made it. */
  readonly rollout?: string
  /** Of a group: something of it is still to be made, like this one has it. */
  readonly partial?: string
  /** Of a group: how it updated itself before a rollout. */
  readonly updates?: OwnPolicy
  /** Of a group: its size, while that counts what its updater has launched beyond it and what is to go. */
  readonly size?: number
  /** Of a group: it is being deleted. */
  readonly retired?: true
  readonly holds?: Readonly<Partial<Record<HoldView['kind'], HoldMark>>>
  /** Of a group: names of instances that left their route and are still there. */
  readonly left?: readonly string[]
  /** Of a backend service: groups that left it, and when, epoch milliseconds. */
  readonly leftAt?: Readonly<Record<string, number>>
}

const BEGIN = 'imago:'
/** By this lists are filtered: a regular expression for the whole of a description, of any signs and over any lines, without a backslash to be quoted. */
export const BEARS_MARKS = `description eq "([.]|[^.])*${BEGIN}[{]([.]|[^.])*"`
/** Compute keeps no longer descriptions. */
const LONGEST = 2_048

/** What a description says of imago's; what cannot be read was not written by imago. */
export function marksOf({ description = '' }: { readonly description?: string }): Marks {
  return split(description).marks
}

/** A description with other marks; `undefined` takes one away. @throws RolloutError `call-failed` where Compute would not keep it. */
export function withMarks(
  before: { readonly description?: string },
  changes: { readonly [K in keyof Marks]: Marks[K] | undefined },
): string {
  const { text, marks } = split(before.description ?? '')
  const all = Object.fromEntries(Object.entries({ ...marks, ...changes }).filter(([, value]) => !isNothing(value)))
  const said = [text, ...(Object.keys(all).length === 0 ? [] : [`${BEGIN}${JSON.stringify(all)}`])]
    .filter((one) => one !== '')
    .join(' ')
  if (said.length <= LONGEST) return said
  throw callFailed(
    'quota',
    'mark',
    `A description has ${LONGEST} characters at most, and what is to be noted in it makes it ${said.length}.`,
  )
}

/** A description that its owner wrote, without what imago added. */
export function ownText({ description = '' }: { readonly description?: string }): string {
  return split(description).text
}

function split(description: string): { readonly text: string; readonly marks: Marks } {
  const at = description.lastIndexOf(`${BEGIN}{`)
  const marks = at < 0 ? undefined : parsed(description.slice(at + BEGIN.length))
  return marks === undefined ? { text: description, marks: {} } : { text: description.slice(0, at).trimEnd(), marks }
}

function parsed(text: string): Marks | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined || (isObject(value) && Object.keys(value).length === 0) || (Array.isArray(value) && value.length === 0)
  )
}
