import type { Account, ProfileRecord, Shares, SpreadingWrite } from './account.ts'

/** All of the traffic. */
const ALL = 1_000

/** How traffic is shared once everything that was written is true: nobody else's endpoints are in a profile of a run. */
export function sharesWritten({ endpoints }: ProfileRecord): Shares {
  const records = [...endpoints.values()]
  const sent = records.filter((one) => one.isEnabled)
  const sum = sent.reduce((all, one) => all + one.weight, 0)
  const shares = new Map(records.map((one) => [one.pool, one.isEnabled ? Math.floor((one.weight * ALL) / sum) : 0]))
  // What is left of rounding is the largest's, as of any whole.
  const [largest] = sent.toSorted((a, b) => b.weight - a.weight)
  const rest = ALL - [...shares.values()].reduce((all, one) => all + one, 0)
  if (largest !== undefined) shares.set(largest.pool, (shares.get(largest.pool) ?? 0) + rest)
  return shares
}

/** How traffic is shared now. */
export function sharesInForce(profile: ProfileRecord): Shares {
  return profile.inForce ?? sharesWritten(profile)
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
