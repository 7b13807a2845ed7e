import type { Account, MemberRecord, SetRecord } from './account.ts'
import { cardName } from './converge.ts'

/** From now on a member is on its way out; one that is not well just now does not get well any more. */
export function leave({ world }: Account, member: MemberRecord): void {
  member.isLeaving = true
  if (member.machine !== undefined && member.machine.state !== 'healthy') world.machines.end(member.machine.id, 'it was deleted')
}

/** Members are gone, and all that is theirs. */
export function end(account: Account, set: SetRecord, going: readonly MemberRecord[]): void {
  for (const { id, machine } of going) {
    if (machine !== undefined) account.world.machines.end(machine.id, 'it was deleted')
    const card = account.cards.get(cardName(set, id))
    account.cards.delete(cardName(set, id))
    // An address is in a pool for as long as its interface is there.
    for (const states of [...account.balancers.values()].flatMap(({ pools }) => [...pools.values()]))
      for (const address of states.keys())
        if (card !== undefined && address.startsWith(card.id.toLowerCase())) states.delete(address)
  }
  set.members = set.members.filter((one) => !going.includes(one))
}

/** Azure itself deletes members. */
export function dismiss(account: Account, set: SetRecord, going: readonly MemberRecord[]): void {
  for (const one of going) leave(account, one)
  account.world.schedule(account.world.now + account.operationMs, () => end(account, set, going))
}
