import type { AwsClock } from './clock.ts'
import type { Service } from './services.ts'

/** Keeps calls below what AWS allows an account in a region. */
export interface Buckets {
  /** Waits until a call may be made; at once while there is room. Ends early when the signal aborts. */
  take(service: Service, operation: string, signal: AbortSignal): Promise<void>
  /** AWS has throttled such a call: others are at it too. */
  throttled(service: Service, operation: string): void
}

/** Tokens that a bucket holds, and that come back each second. */
interface Rate {
  readonly most: number
  readonly perSecond: number
}

/**
 * Three quarters of what AWS allows, for imago is not alone in an account; what is not published is guessed from what others ran into.
 *
 * Source: AWS's pages on request throttling for EC2 (100 and 20 a second to describe, 50 and 5 to change, 5 and 2 to launch) and Elastic
 * Load Balancing (40 and 10 to describe).
 */
const RATES = {
  'autoScaling describes': { most: 40, perSecond: 5 },
  'autoScaling changes': { most: 40, perSecond: 5 },
  'ec2 describes': { most: 75, perSecond: 15 },
  'ec2 changes': { most: 37, perSecond: 3.75 },
  'ec2 launches': { most: 3, perSecond: 1.5 },
  'elb describes': { most: 30, perSecond: 7.5 },
  'elb changes': { most: 30, perSecond: 7.5 },
  cloudWatch: { most: 20, perSecond: 5 },
  ssm: { most: 20, perSecond: 10 },
} as const satisfies Readonly<Record<string, Rate>>

type Family = keyof typeof RATES

/** After a throttled call the bucket is empty, and fills half as fast for this long. */
const SLOWED_MS = 60_000

interface Bucket {
  tokens: number
  filledAt: number
  slowUntil: number
}

/** Makes buckets, which are full. */
export function createBuckets(clock: AwsClock): Buckets {
  const buckets = new Map<Family, Bucket>()
  const bucketOf = (family: Family) => {
    const bucket = buckets.get(family) ?? { tokens: RATES[family].most, filledAt: clock.now(), slowUntil: 0 }
    buckets.set(family, bucket)
    fill(bucket, RATES[family], clock.now())
    return bucket
  }
  return {
    async take(service, operation, signal) {
      const family = familyOf(service, operation)
      const bucket = bucketOf(family)
      // Below zero stands for those who wait already: whoever comes later waits longer.
      bucket.tokens -= 1
      if (bucket.tokens >= 0) return
      await clock.sleep((-bucket.tokens / speed(bucket, RATES[family], clock.now())) * 1_000, signal)
    },
    throttled(service, operation) {
      const bucket = bucketOf(familyOf(service, operation))
      bucket.tokens = Math.min(bucket.tokens, 0)
      bucket.slowUntil = clock.now() + SLOWED_MS
    },
  }
}

function fill(bucket: Bucket, rate: Rate, now: number): void {
  bucket.tokens = Math.min(rate.most, bucket.tokens + ((now - bucket.filledAt) / 1_000) * speed(bucket, rate, now))
  bucket.filledAt = now
}

function speed({ slowUntil }: Bucket, { perSecond }: Rate, now: number): number {
  return now < slowUntil ? perSecond / 2 : perSecond
}

function familyOf(service: Service, operation: string): Family {
  if (service === 'cloudWatch' || service === 'ssm') return service
  if (operation.startsWith('Describe')) return `${service} describes`
  return operation === 'RunInstances' ? 'ec2 launches' : `${service} changes`
}
