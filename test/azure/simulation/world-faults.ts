import type { PlayedCloud } from 'imago/testing'
import { MARKS, tagged, type Tags } from '../../../providers/azure/marks.ts'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import { BYSTANDERS } from '../../../src/testing/simulate/stage.ts'
import type { Scene } from '../../kit/playground/world-faults.ts'
import type { Account } from '../wire/account.ts'
import { poolsIn } from './traffic.ts'

/** What can happen to an account. @param withdraw takes an image away until the answer is called. */
export function sceneOf(
  account: Account,
  faults: FaultPlan,
  people: PlayedCloud['people'],
  withdraw: (image: string) => () => void,
): Scene {
  const { world } = account
  const ofTheFleet = () =>
    [...account.sets.values()].filter(
      (one) => !BYSTANDERS.some((name) => name === one.name) && one.provisioningState !== 'Deleting',
    )
  return {
    world,
    faults,
    people,
    groups: () =>
      ofTheFleet().map(({ name, model, members }) => ({
        name,
        size: model.sku.capacity,
        machines: members.flatMap(({ machine }) => machine?.id ?? []),
      })),
    isNew: (name) => tagged(account.sets.get(name)?.model.more['tags'] as Tags | undefined, MARKS.rollout) !== undefined,
    routes: () => poolsIn(account).map(({ balancer, name, isLed }) => (isLed ? `${balancer}/${name}` : name)),
    useUpQuota() {
      account.quota = 0
      return () => void (account.quota = undefined)
    },
    expire() {
      account.isExpired = true
      return () => void (account.isExpired = false)
    },
    withdrawImageOf: (machine) => withdraw(world.machines.find(machine)?.image ?? ''),
  }
}
