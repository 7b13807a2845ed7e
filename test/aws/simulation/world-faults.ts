import type { PlayedCloud } from 'imago/testing'
import type { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import type { Scene } from '../../kit/playground/world-faults.ts'
import type { Account } from '../wire/account.ts'
import { membersOf } from '../wire/autoscaling/find.ts'

/** What can happen to an account. */
export function sceneOf(account: Account, faults: FaultPlan, people: PlayedCloud['people']): Scene {
  const { world } = account
  const ofTheFleet = () =>
    [...account.groups.values()].filter((one) => one.name !== 'other' && one.name !== 'beside' && !one.deleting)
  return {
    world,
    faults,
    people,
    groups: () =>
      ofTheFleet().map((group) => ({
        name: group.name,
        size: group.desired,
        machines: membersOf(account, group).map((one) => one.id),
      })),
    isNew: (group) => account.groups.get(group)?.tags.has('imago:rollout') === true,
    routes() {
      const rule = [...account.rules.values()].find((one) => one.isDefault)
      return (rule?.forwards ?? []).flatMap(({ arn }) => account.targetGroups.get(arn)?.name ?? [])
    },
    useUpQuota() {
      account.launchRefusal = 'You have requested more vCPU capacity than your current vCPU limit of 32 allows.'
      return () => void (account.launchRefusal = undefined)
    },
    expire() {
      account.expired = true
      return () => void (account.expired = false)
    },
    withdrawImageOf(machine) {
      const { image = '' } = account.instances.get(machine) ?? {}
      world.images.withdraw(image)
      return () => world.images.restore(image)
    },
  }
}
