import { clone, type FleetTarget } from 'imago'
import { azure } from 'imago/azure'
import { createLife } from 'imago/testing'
import { expect, test } from 'vitest'
import { lettingGo } from '../kit/letting-go.ts'
import { leadTo, setUpFleet } from './fleet.ts'
import { ENDPOINTS, POOLS, ROUTERS, type Way } from './rolling.ts'
import { createSite, type Site } from './site.ts'

const target: FleetTarget = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }

test.for(Object.keys(POOLS) as Way[])('a provider and a router by %s that look side by side read a set once', async (way) => {
  const { site, cloud } = await fleet(POOLS[way], (one) => one.accessOf(unharmed(one)))
  leadTo(site, way === 'Front Door' ? 'frontDoor' : 'trafficManager', ...Object.values(ENDPOINTS))
  // What sends to the sets is slow to answer, and nobody waits for that before he asks for instances.
  site.account.fateOf = (operation) => (operation.startsWith('virtualMachineScaleSet') ? undefined : { travelsMs: 1_000 })
  const router = ROUTERS[way](cloud)
  const [{ groups }, { routing }] = await site.drive(Promise.all([cloud.describe(target, call()), router.look(target, call())]))
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
  await lettingGo(cloud, target)
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

async function fleet(pool = POOLS.rules, accessTo = (site: Site) => site.access) {
  const site = await createSite()
  setUpFleet(site, { pool })
  return { site, cloud: azure(accessTo(site)) }
}

/** A process that loses nothing, and waits while calls travel. */
function unharmed({ world }: Site) {
  return createLife(world, { dies: () => false, loses: () => false }, () => undefined)
}

function call() {
  return { signal: new AbortController().signal, token: 't' }
}
