import type { Account } from './wire/account.ts'

/** What AWS publishes: calls at once, and how many more each second. */
const PUBLISHED: Readonly<Record<string, readonly [most: number, perSecond: number]>> = {
  'autoScaling describes': [80, 10],
  'autoScaling changes': [80, 10],
  'ec2 describes': [100, 20],
  'ec2 changes': [50, 5],
  'ec2 launches': [5, 2],
  'elb describes': [40, 10],
  'elb changes': [40, 10],
}

/** Has an account throttle as AWS does; Auto Scaling, which publishes nothing, at its double of what imago keeps to. @returns the calls that were. */
export function throttle(account: Account): readonly string[] {
  const throttled: string[] = []
  const buckets = new Map<string, { tokens: number; at: number }>()
  account.throttles = (service, operation) => {
    const family = familyOf(service, operation)
    const [most, perSecond] = PUBLISHED[family] ?? [Infinity, 0]
    const { now } = account.world
    const before = buckets.get(family) ?? { tokens: most, at: now }
    const tokens = Math.min(most, before.tokens + ((now - before.at) / 1_000) * perSecond)
    if (tokens < 1) throttled.push(`${service}.${operation}`)
    buckets.set(family, { tokens: tokens < 1 ? tokens : tokens - 1, at: now })
    return tokens < 1
  }
  return throttled
}

function familyOf(service: string, operation: string): string {
  if (operation === 'RunInstances') return 'ec2 launches'
  return `${service} ${operation.startsWith('Describe') ? 'describes' : 'changes'}`
}
