import { createHash } from 'node:crypto'
import type { NameRule } from '../../src/core/snapshot.ts'

/** What `CreateAutoScalingGroup` takes, as its reference says. */
export const GROUP_NAMES: NameRule = {
  pattern: /^[!-9;-~]{1,255}$/,
  allowed: 'an Auto Scaling group is called by 1 to 255 signs of ASCII, no space and no colon among them',
}

/** A resource whose names are shorter, or of fewer signs, than what it is called after. */
interface Shorter {
  readonly fits: RegExp
  /** Signs that it cannot have. */
  readonly others: RegExp
  readonly longest: number
}

/** As Elastic Load Balancing says. */
export const TARGET_GROUP: Shorter = { fits: /^[a-z\d](?:[a-z\d-]{0,30}[a-z\d])?$/i, others: /[^a-z\d]+/i, longest: 32 }
/** As EC2 says. */
export const LAUNCH_TEMPLATE: Shorter = { fits: /^[a-z\d().\-/_]{3,128}$/i, others: /[^a-z\d().\-/_]+/i, longest: 128 }

const DIGITS = 8

/** A name as it is, or as much of it as the resource can have and a digest of the whole. */
export function shortened(name: string, { fits, others, longest }: Shorter): string {
  if (fits.test(name)) return name
  const readable = name.slice(0, longest - DIGITS - 1).split(others)
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGITS)
  return [...readable, digest].filter((part) => part !== '').join('-')
}
