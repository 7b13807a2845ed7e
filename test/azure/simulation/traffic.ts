import type { Account, BalancerRecord, MemberRecord, SetRecord } from '../wire/account.ts'
import { addressId } from '../wire/cards.ts'
import { cardName, poolsOf } from '../wire/converge.ts'
import { poolId } from '../wire/network.ts'
import { sharesInForce, sharesWritten } from '../wire/spreading.ts'

/** A pool of a load balancer or a gateway. */
export interface PoolThere {
  readonly balancer: string
  readonly name: string
  /** Its resource id, in lower case. */
  readonly id: string
  /** What all of the traffic is. */
  readonly units: number
  /** What of it is sent there. */
  readonly inForce: number
  /** What will be, once all that was written is true: a gateway has been updated, an endpoint is known everywhere. */
  readonly aimed: number
  /** Whether an endpoint leads to it, whatever comes in by that. */
  readonly isLed: boolean
  /** Addresses to which nothing new is sent. */
  readonly down: ReadonlyMap<string, string>
}

/** What weights of rules sum to, and those of endpoints, as the adapter reads them. */
const [RULES, ENDPOINTS] = [100, 1_000]

/** All pools of an account. */
export function poolsIn(account: Account): PoolThere[] {
  const profiles = [...account.profiles.values()]
  const written = new Map(profiles.flatMap((one) => [...sharesWritten(one)]))
  const shares = new Map(profiles.flatMap((one) => [...sharesInForce(one)]))
  return [...account.balancers].flatMap(([balancer, { pools, rules, inForce = rules }]) => {
    const [sentTo, toBeSent] = [new Set<string>(inForce.values()), new Set<string>(rules.values())]
    return [...pools].map(([name, down]: [string, BalancerPool]): PoolThere => {
      const place = `${balancer}/${name}`
      const isLed = written.has(place)
      const units = isLed ? ENDPOINTS : RULES
      return {
        balancer,
        name,
        id: poolId(account, balancer, name).toLowerCase(),
        units,
        inForce: sentTo.has(name) ? (shares.get(place) ?? units) : 0,
        aimed: toBeSent.has(name) ? (written.get(place) ?? units) : 0,
        isLed,
        down,
      }
    })
  })
}

type BalancerPool = BalancerRecord['pools'] extends Map<string, infer Pool> ? Pool : never

/** Whether machines that a set launches join a pool as they start. */
export function isJoined(set: SetRecord, { id }: PoolThere): boolean {
  return poolsOf(set).includes(id)
}

/** Whether a member is in a pool, and taken out of its traffic. */
export function isOut({ cards }: Account, set: SetRecord, { id }: MemberRecord, pool: PoolThere): boolean {
  const card = cards.get(cardName(set, id))
  return card !== undefined && card.pools.includes(pool.id) && pool.down.get(addressId(card).toLowerCase()) === 'Down'
}

/** Whether a pool would send to a member. One that is being deleted is in it until its machine has ended. */
export function isReached(account: Account, set: SetRecord, member: MemberRecord, pool: PoolThere): boolean {
  const card = account.cards.get(cardName(set, member.id))
  const isThere = card !== undefined && card.pools.includes(pool.id) && !isOut(account, set, member, pool)
  return isThere && member.machine?.state === 'healthy'
}

/** Tells every machine whether it gets requests. */
export function carry(account: Account): void {
  const sent = poolsIn(account).filter((one) => one.inForce > 0)
  for (const set of account.sets.values())
    for (const member of set.members)
      if (member.machine !== undefined)
        account.world.machines.load(
          member.machine.id,
          sent.some((pool) => isReached(account, set, member, pool)),
        )
}
