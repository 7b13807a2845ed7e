import type { RollingUpgradePolicy, UpgradePolicy } from '@azure/arm-compute'
import { MARKS, tagged, type Tags } from '../marks.ts'
import type { Member } from './member.ts'
import type { ScaleSet } from './set.ts'

/** What imago writes over of a policy. Its owner's word on zones stands. */
export type WrittenPolicy = Omit<RollingUpgradePolicy, 'enableCrossZoneUpgrade'>

/** What a set bears from the first rolling upgrade that a rollout begins in it, for as long as it is claimed and launches the same. */
export interface UpgradeNote {
  /** How its owner had it upgrade itself: what was said of it. */
  readonly own: WrittenPolicy
  /** When the newest of its instances was made that were there before, by Azure's clock. */
  readonly newest: number
  /** How many of those ran what the set launches. */
  readonly same: number
}

/** What Azure takes where nothing is said. A set that is told of a policy cannot be told that it has none. */
const DEFAULTS = {
  maxBatchInstancePercent: 20,
  maxUnhealthyInstancePercent: 20,
  maxUnhealthyUpgradedInstancePercent: 20,
  pauseTimeBetweenBatches: 'PT0S',
  prioritizeUnhealthyInstances: false,
  rollbackFailedInstancesOnPolicyBreach: false,
  maxSurge: false,
} as const satisfies WrittenPolicy

/** Words of the tag, whose value is short. */
const WORDS = {
  batch: 'maxBatchInstancePercent',
  unhealthy: 'maxUnhealthyInstancePercent',
  upgraded: 'maxUnhealthyUpgradedInstancePercent',
  pause: 'pauseTimeBetweenBatches',
  first: 'prioritizeUnhealthyInstances',
  back: 'rollbackFailedInstancesOnPolicyBreach',
  surge: 'maxSurge',
} as const satisfies Readonly<Record<string, keyof WrittenPolicy>>

/** The note that a set is to bear from the write on that sets its upgrade to work; one that it bears stays. */
export function upgradeTag(set: ScaleSet, before: Pick<UpgradeNote, 'newest' | 'same'>): Tags {
  if (noteOf(set) !== undefined) return {}
  const policy = set.upgradePolicy?.rollingUpgradePolicy ?? {}
  const said = Object.entries(WORDS).flatMap(([word, key]) => (policy[key] === undefined ? [] : [`${word}=${policy[key]}`]))
  const text = [...said, `newest=${new Date(before.newest).toISOString()}`, `same=${before.same}`].join(' ')
  return { [MARKS.upgrade]: text }
}

/** The note that a set bears; `undefined` when none of its upgrades was imago's. */
export function noteOf({ tags }: Pick<ScaleSet, 'tags'>): UpgradeNote | undefined {
  const text = tagged(tags, MARKS.upgrade)
  if (text === undefined) return undefined
  const words = new Map(text.split(' ').map((word): [string, string] => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']))
  const own = Object.entries(WORDS).flatMap(([word, key]) => {
    const value = words.get(word)
    return value === undefined ? [] : [[key, likeDefault(key, value)] as const]
  })
  return {
    own: Object.fromEntries(own),
    newest: Date.parse(words.get('newest') ?? ''),
    same: Number(words.get('same')),
  }
}

function likeDefault(key: keyof typeof DEFAULTS, value: string): string | number | boolean {
  if (typeof DEFAULTS[key] === 'number') return Number(value)
  return typeof DEFAULTS[key] === 'boolean' ? value === 'true' : value
}

/** The mode that a set's owner gave it. Only sets in Manual mode are set to work. */
export function ownMode(set: ScaleSet): string {
  return isTurned(set) ? 'Manual' : (set.upgradePolicy?.mode ?? 'Manual')
}

/** Whether a set is in Rolling mode because imago set it to work. */
export function isTurned(set: ScaleSet): boolean {
  return set.upgradePolicy?.mode === 'Rolling' && noteOf(set) !== undefined
}

/** What has to be written so that a set upgrades itself as its owner had it; `undefined` where it does. */
export function ownPolicy(set: ScaleSet): UpgradePolicy | undefined {
  const { upgradePolicy } = set
  const { own } = noteOf(set) ?? {}
  if (own === undefined || !isTurned(set)) return undefined
  const { rollingUpgradePolicy: now = {}, ...more } = upgradePolicy ?? {}
  const names = Object.values(WORDS).filter((key) => now[key] !== undefined)
  const before = Object.fromEntries(names.map((key) => [key, own[key] ?? DEFAULTS[key]]))
  return { ...more, mode: 'Manual', rollingUpgradePolicy: { ...now, ...before } }
}

/** Those that were made no later than the newest of before, and run what the set launches now: more than did then were re-imaged. */
export function reimagedIn({ newest, same }: UpgradeNote, running: readonly Member[]): readonly Member[] {
  const older = running.filter(({ createdAt }) => createdAt !== undefined && createdAt.getTime() <= newest)
  return older.length > same ? older : []
}
