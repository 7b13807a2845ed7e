import type { Account, BalancerRecord, MemberRecord, SetRecord } from '../wire/account.ts'
import { addressId } from '../wire/cards.ts'
import { cardName, poolsOf } from '../wire/converge.ts'
import { sharesByPool } from '../wire/endpoints.ts'
import { poolId } from '../wire/network.ts'

/** A pool of a load balancer. */
export interface PoolThere {
  readonly balancer: string
  readonly name: string
  /** Its resource id, in lower case. */
  readonly id: string
  /** Whether a rule sends to it. */
  readonly isSent: boolean
  /** Whether one does, or will when a gateway has been updated. */
  readonly isAimed: boolean
  /** What of all traffic, in thousandths, comes in by its endpoint. @default - it has none */
  readonly share?: number
  /** Addresses to which nothing new is sent. */
  readonly down: ReadonlyMap<string, string>
}

/** All pools of an account. */
export function poolsIn(account: Account): PoolThere[] {
  const shares = new Map([...account.profiles.values()].flatMap((one) => [...sharesByPool(one)]))
  return [...account.balancers].flatMap(([balancer, { pools, rules, inForce = rules }]) => {
    const [sentTo, toBeSent] = [new Set<string>(inForce.values()), new Set<string>(rules.values())]
    return [...pools].map(([name, down]: [string, BalancerPool]) => {
      const id = poolId(account, balancer, name).toLowerCase()
      const share = shares.get(`${balancer}/${name}`)
      const isLed = share === undefined || share > 0
      const sent = { isSent: isLed && sentTo.has(name), isAimed: isLed && toBeSent.has(name) }
      return { balancer, name, id, ...sent, ...(share === undefined ? {} : { share }), down }
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
  const sent = poolsIn(account).filter((one) => one.isSent)
  for (const set of account.sets.values())
    for (const member of set.members)
      if (member.machine !== undefined)
        account.world.machines.load(
          member.machine.id,
          sent.some((pool) => isReached(account, set, member, pool)),
        )
}
