import type { Account } from './account.ts'
import type { ProfileRecord, Shares, SpreadingWrite } from './profile.ts'

/** All of the traffic. */
const ALL = 1_000

/** How traffic is shared once everything that was written is true: nobody else's endpoints are in a profile of a run. */
export function sharesWritten({ endpoints }: ProfileRecord): Shares {
  return partsOf([...endpoints.values()].map((one) => [one.pool, one.isEnabled ? one.weight : 0]))
}

/** How whoever asks shares traffic now, as far as probes say nothing against it. */
export function sharesKnown(profile: ProfileRecord): Shares {
  return profile.inForce ?? sharesWritten(profile)
}

/** How traffic is shared now: nobody is sent where probes are not answered, unless there is nowhere else. */
export function sharesInForce(profile: ProfileRecord): Shares {
  const known = sharesKnown(profile)
  const ill = new Set([...profile.endpoints.values()].flatMap((one) => (one.ill === undefined ? [] : [one.pool])))
  const answered = [...known].map(([pool, share]): [string, number] => [pool, ill.has(pool) ? 0 : share])
  return answered.some(([, share]) => share > 0) ? partsOf(answered) : known
}

/** Whole parts of all traffic, by weights. What is left of rounding is the largest's. */
function partsOf(weights: readonly (readonly [string, number])[]): Shares {
  const sum = weights.reduce((all, [, weight]) => all + weight, 0)
  const parts = new Map(weights.map(([pool, weight]) => [pool, sum === 0 ? 0 : Math.floor((weight * ALL) / sum)]))
  const [largest, weight] = weights.toSorted(([, a], [, b]) => b - a)[0] ?? ['', 0]
  const rest = ALL - [...parts.values()].reduce((all, one) => all + one, 0)
  if (weight > 0) parts.set(largest, (parts.get(largest) ?? 0) + rest)
  return parts
}

/**
 * Has what was written just now be true later. Name servers take up each write of Traffic Manager by itself, none before an earlier one;
 * Front Door brings one change everywhere at a time, and whatever was written meanwhile goes together after it.
 *
 * @param before how traffic was shared when it was written.
 */
export function spread(account: Account, profile: ProfileRecord, before: Shares): void {
  const { world, propagation } = account
  if (propagation === undefined) return
  profile.inForce = before
  const waiting = (profile.spreading ??= [])
  const [last] = waiting.slice(-1)
  const written = { shares: sharesWritten(profile), cause: world.cause }
  if (profile.kind === 'frontDoor' && last !== undefined && waiting.length > 1) return void Object.assign(last, written)
  const lastsMs = propagation(profile)
  const since = profile.kind === 'frontDoor' ? (last?.at ?? world.now) : world.now
  const one: SpreadingWrite = { ...written, at: Math.max(last?.at ?? 0, since + lastsMs) }
  waiting.push(one)
  world.schedule(one.at, () => world.because(one.cause, () => comeTrue(account, profile)))
}

function comeTrue({ world }: Account, profile: ProfileRecord): void {
  const one = profile.spreading?.shift()
  if (one === undefined) return
  profile.inForce = one.shares
  world.record(`weights of the endpoints: ${JSON.stringify(Object.fromEntries(one.shares))}`)
}
