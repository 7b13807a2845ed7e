import type { PlayedCloud } from 'imago/testing'
import { editing } from '../../kit/playground/people.ts'
import { deleteByHand, joinByHand } from '../by-hand.ts'
import type { Account, SetRecord } from '../wire/account.ts'
import { weighEndpoints } from '../wire/endpoints.ts'
import { Fault, notFound } from '../wire/fault.ts'
import { patchSet } from '../wire/set-changes.ts'

/** People with the portal open; what Azure refuses them they let be. */
export function createPeople(account: Account, count: (fault: number) => void): PlayedCloud['people'] {
  const edit = editing(account.world, count, (error) => error instanceof Fault)
  return {
    resize: (name, size) =>
      edit(`${name} shall have ${size}`, 15, () => {
        const set = setNamed(account, name)
        patchSet(account, set, { sku: { ...set.model.sku, capacity: Math.max(0, size) } }, UNCONDITIONAL)
      }),
    setWeights: (_fleet, weights) =>
      edit(`weights of ${JSON.stringify(weights)}`, 15, () => {
        for (const profile of account.profiles.values()) weighEndpoints(account, profile, weights)
        if (account.profiles.size === 0) pointRules(account, weights)
      }),
    join: (name) => edit(`joins ${name}`, 15, () => joinByHand(account, setNamed(account, name))),
    deleteGroup: (name) => edit(`deletes ${name}`, 16, () => deleteByHand(account, setNamed(account, name))),
  }
}

/** A rule sends all of it to one pool. */
function pointRules(account: Account, weights: Readonly<Record<string, number>>): void {
  const largest = Object.entries(weights).toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? ''
  for (const balancer of account.balancers.values()) {
    const pool = largest.split('/').at(-1) ?? ''
    if (!balancer.pools.has(pool)) continue
    for (const rule of balancer.rules.keys()) balancer.rules.set(rule, pool)
    delete balancer.inForce
  }
}

const UNCONDITIONAL = { ifMatch: undefined, ifNoneMatch: undefined }

function setNamed({ sets, resourceGroup }: Account, name: string): SetRecord {
  const set = sets.get(name)
  if (set !== undefined && set.provisioningState !== 'Deleting') return set
  throw notFound('Microsoft.Compute/virtualMachineScaleSets', name, resourceGroup)
}
