import { clone, type FleetTarget } from 'imago'
import { azure, loadBalancer, ruleSwap } from 'imago/azure'
import { expect, test } from 'vitest'
import { setUpFleet } from './fleet.ts'
import { createSite } from './site.ts'

const target: FleetTarget = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }

test.for(['loadBalancer', 'ruleSwap'] as const)('a provider and %s that look side by side read a set once', async (way) => {
  const { site, cloud } = await fleet()
  const router =
    way === 'loadBalancer'
      ? loadBalancer(cloud, { loadBalancer: 'web-lb', pool: 'web' })
      : ruleSwap(cloud, { loadBalancer: 'web-lb', rules: ['http'] })
  const [{ groups }, { routing }] = await Promise.all([cloud.describe(target, call()), router.look(target, call())])
  expect(Object.keys(routing.instances)).toEqual(groups[0]!.instances.map((one) => one.id))
  const reads = site.account.requests.map((one) => one.operation).filter((one) => one.startsWith('virtualMachineScaleSet'))
  expect(reads.toSorted()).toEqual([
    'virtualMachineScaleSetRollingUpgrades.getLatest',
    'virtualMachineScaleSetVMs.list',
    'virtualMachineScaleSets.get',
    'virtualMachineScaleSets.list',
  ])
})

test('whoever lets go of a look takes nothing from another, and the next one asks anew', async () => {
  const { site, cloud } = await fleet()
  const letGo = new AbortController()
  const [left, stayed] = [cloud.describe(target, call(letGo.signal)), cloud.describe(target, call())]
  letGo.abort()
  await expect(left).rejects.toMatchObject({ facts: { class: 'unknown' } })
  expect((await stayed).groups).toHaveLength(1)
  const again = new AbortController()
  const gone = cloud.describe(target, call(again.signal))
  again.abort()
  const next = cloud.describe(target, call())
  await expect(gone).rejects.toMatchObject({ facts: { class: 'unknown' } })
  expect((await next).groups).toHaveLength(1)
  expect(site.account.requests.filter((one) => one.operation === 'virtualMachineScaleSets.list')).toHaveLength(2)
})

test('a set that somebody has written is read again', async () => {
  const { site, cloud } = await fleet()
  const gets = () => site.account.requests.filter((one) => one.operation === 'virtualMachineScaleSets.get').length
  await cloud.describe(target, call())
  await cloud.describe(target, call())
  expect(gets()).toBe(1)
  site.account.sets.get('web')!.etag++
  await cloud.describe(target, call())
  expect(gets()).toBe(2)
})

async function fleet() {
  const site = await createSite()
  setUpFleet(site, { pool: 'web-lb/web' })
  return { site, cloud: azure(site.access) }
}

function call(signal = new AbortController().signal) {
  return { signal, token: 't' }
}
