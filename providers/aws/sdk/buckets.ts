import { createBucket, type Bucket, type Rate } from './bucket.ts'
import type { AwsClock } from './clock.ts'
import type { Service } from './services.ts'

/** Keeps calls below what AWS allows an account in a region. */
export interface Buckets {
  /** Waits until a call may be made; at once while there is room. Ends early when the signal aborts. */
  take(service: Service, operation: string, signal: AbortSignal): Promise<void>
  /** AWS has throttled such a call: others are at it too. */
  throttled(service: Service, operation: string): void
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

/** Makes buckets, which are full. */
export function createBuckets(clock: AwsClock): Buckets {
  const buckets = new Map<Family, Bucket>()
  const bucketOf = (service: Service, operation: string) => {
    const family = familyOf(service, operation)
    const bucket = buckets.get(family) ?? createBucket(clock, RATES[family])
    buckets.set(family, bucket)
    return bucket
  }
  return {
    take: (service, operation, signal) => bucketOf(service, operation).take(signal),
    throttled: (service, operation) => bucketOf(service, operation).slow(),
  }
}

function familyOf(service: Service, operation: string): Family {
  if (service === 'cloudWatch' || service === 'ssm') return service
  if (operation.startsWith('Describe')) return `${service} describes`
  return operation === 'RunInstances' ? 'ec2 launches' : `${service} changes`
}
