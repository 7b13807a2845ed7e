import { createHash } from 'node:crypto'

/** Every tag that imago writes begins so. */
const PREFIX = 'imago:'

/** Tags of scale sets by which imago finds and tells apart what is its own. */
export const MARKS = {
  /** The fleet that the set belongs to. */
  fleet: `${PREFIX}fleet`,
  /** The rollout that made it. */
  rollout: `${PREFIX}rollout`,
  /** That an autoscale setting belongs to it: without one it is made in part. */
  autoscaled: `${PREFIX}autoscaled`,
  /** The digest of launch settings that all of its instances had which run what it launched then. */
  launched: `${PREFIX}launched`,
  /** The size that it was to have without measurements, before its minimum was raised. */
  usual: `${PREFIX}default`,
  /** That it repairs its instances by itself while nobody rolls it. */
  repairs: `${PREFIX}repairs`,
  /** That a rolling upgrade was set to work on it: how its owner has it upgrade itself, and which instances were there before. */
  upgrade: `${PREFIX}upgrade`,
  /** That it is being emptied, to be deleted. */
  retiring: `${PREFIX}retiring`,
  /** On a load balancer, with the pool's name behind it: a pool that was made for the fleet which is its value. */
  made: `${PREFIX}route:`,
  /** Who rolls the fleet. */
  claim: `${PREFIX}claim`,
  /** Its minimum before it was raised, and until when it is held. */
  scaleIn: `${PREFIX}scale-in`,
} as const

/** Tags of a resource by their names, which are the same in upper and lower case. */
export type Tags = Readonly<Record<string, string>>

/** A tag's value is at most this long. */
const LONGEST = 256

/** The value of a tag. */
export function tagged(tags: Tags | undefined, key: string): string | undefined {
  const [, value] = Object.entries(tags ?? {}).find(([name]) => name.toLowerCase() === key) ?? []
  return value
}

/** Tags without these and with those: whoever writes a set's tags writes all of them. */
export function retagged(tags: Tags | undefined, { without = [], add = {} }: { without?: readonly string[]; add?: Tags }): Tags {
  const gone = new Set([...without, ...Object.keys(add)])
  return { ...Object.fromEntries(Object.entries(tags ?? {}).filter(([name]) => !gone.has(name.toLowerCase()))), ...add }
}

/** Tags of a set that are not imago's, as a clone gets them. */
export function ownersTags(tags: Tags | undefined): Tags {
  return Object.fromEntries(Object.entries(tags ?? {}).filter(([name]) => !name.toLowerCase().startsWith(PREFIX)))
}

/** A text as a tag's value: itself, or its digest where it is too long for a tag. */
export function markValue(text: string): string {
  return text.length <= LONGEST ? text : `sha256-${createHash('sha256').update(text).digest('hex')}`
}

/** A rollout in a tag of its fleet's set: its id begins with the fleet's, which has a tag of its own. */
export function markRollout(fleet: string, rollout: string): string {
  return markValue(rollout.startsWith(`${fleet}#`) ? `@/${rollout.slice(fleet.length + 1)}` : rollout)
}

/** The other way round. */
export function rolloutMarked(fleet: string, mark: string): string {
  return mark.startsWith('@/') ? `${fleet}#${mark.slice(2)}` : mark
}
