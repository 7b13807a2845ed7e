import type { Account } from '../account.ts'
import { membersOf } from '../autoscaling/find.ts'

/** Tells every machine whether it gets requests: it is in service in a target group that some rule gives weight to. */
export function carry(account: Account): void {
  const weighted = new Set(
    [...account.rules.values()].flatMap((rule) => rule.forwards.filter((one) => one.weight > 0).map((one) => one.arn)),
  )
  for (const group of account.groups.values())
    for (const one of membersOf(account, group)) {
      const routed = [...group.targetGroups].some(
        (arn) => weighted.has(arn) && account.targetGroups.get(arn)?.deregistered.has(one.id) !== true,
      )
      const { state } = account.world.machines.find(one.id) ?? {}
      account.world.machines.load(one.id, routed && one.lifecycle === 'InService' && state === 'healthy')
    }
}
