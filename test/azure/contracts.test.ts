import type { TrafficRouter } from 'imago'
import { applicationGateway, azure, galleryImage, loadBalancer, ruleSwap, trafficManager, type AzureCloud } from 'imago/azure'
import { providerContract, routerContract, type FleetContractOptions, type FleetWanted } from 'imago/testing'
import { called } from '../contracts/harness.ts'
import { share } from '../kit/share.ts'
import { addSlot, leadTo, setUpFleet } from './fleet.ts'
import { createSite, DEFINITION, type Site } from './site.ts'

const images = {
  stable: `${DEFINITION}/versions/1.0.0`,
  other: `${DEFINITION}/versions/1.0.1`,
  missing: `${DEFINITION}/versions/9.9.9`,
  malformed: `${DEFINITION}/versions/latest`,
  alias: { name: galleryImage(DEFINITION), image: `${DEFINITION}/versions/1.0.1` },
  unhealthy: `${DEFINITION}/versions/0.9.0`,
}

/** Azure leaves an instance that has ended in its set, ended: nothing is launched in its stead, and no image ends again and again. */
const options = (mode: Mode, zonal: boolean, way: Way = 'a pool'): FleetContractOptions<WireSite> => ({
  images,
  patienceMs: 600_000,
  create: (wanted) => create(wanted, { mode, zonal, way }),
  async createLossy(wanted, landing) {
    // Shown by a test of its own: here a call is let go of before it has read what it is to change.
    if (landing === 'in part') return undefined
    const site = await create(wanted, { mode, zonal, way })
    const { account } = site.wire
    account.fateOf = (_operation, isRead) => (isRead ? undefined : { landsAfterMs: [0], cutAfterMs: undefined })
    return { ...site, recover: () => void (account.fateOf = () => undefined) }
  },
})

type Way = 'a pool' | 'rules' | 'a gateway' | 'endpoints'
type Mode = 'Uniform' | 'Flexible'

interface Kind {
  readonly mode: Mode
  readonly zonal: boolean
  readonly way: Way
}

interface WireSite extends Awaited<ReturnType<typeof create>> {
  readonly wire: Site
}

async function create({ size, min, max, slots }: FleetWanted, { mode, zonal, way }: Kind) {
  const site = await createSite({ standing: true })
  const { world, account } = site
  const pool = way === 'a gateway' ? 'web-gw/web' : 'web-lb/web'
  setUpFleet(site, { mode, zonal, size, bounds: { min, max }, pool })
  if (slots) addSlot(site, { mode, zonal, bounds: { min, max }, pool })
  leadTo(site, 'trafficManager', pool)
  const cloud = azure(site.access)
  const router = (name: string) => routerOf(cloud, way, name)
  account.sizes.set('Standard_D4s_v5', { architecture: 'x64', generations: 'V2' })
  site.publish('0.9.0', { kind: 'never-healthy' }, { excluded: true })
  return {
    wire: site,
    provider: cloud,
    router: router('web'),
    nowhere: router('none'),
    binding: pool,
    group: 'web',
    ...(slots ? { spare: 'web-b' } : {}),
    launch: { sku: { name: 'Standard_D4s_v5' } },
    time: {
      now: () => world.now,
      // No look is taken more often than once a second.
      pass: async (ms: number) => world.runUntil(world.now + Math.max(ms, 1_000)),
      settled: <T>(promise: Promise<T>) => promise,
    },
    dispose: site.close,
  }
}

/** @param name of the pool; one that is not there is sent to by no rule. */
function routerOf(cloud: AzureCloud, way: Way, name: string): TrafficRouter {
  const rules = [name === 'web' ? 'http' : name]
  if (way === 'endpoints')
    return trafficManager(cloud, { profile: name === 'web' ? 'shop' : name, endpoints: { web: 'web-lb/web' } })
  if (way === 'a gateway') return applicationGateway(cloud, { gateway: 'web-gw', rules })
  return way === 'rules'
    ? ruleSwap(cloud, { loadBalancer: 'web-lb', rules })
    : loadBalancer(cloud, { loadBalancer: 'web-lb', pool: name })
}

const kinds = (['Flexible', 'Uniform'] as const).flatMap((mode) => [true, false].map((zonal) => ({ mode, zonal })))

for (const { mode, zonal } of share(kinds, 2)) {
  const kind = `azure, ${mode}, in ${zonal ? 'zones' : 'no zone'}`
  await providerContract(called(kind), options(mode, zonal))
  if (zonal === (mode === 'Flexible')) {
    await routerContract(called(`${kind}, load balancer`), options(mode, zonal))
    // A group that is made has no endpoint: of weights, endpoints.test.ts shows the same in slots.
    await routerContract(called(`${kind}, endpoints`), options(mode, zonal, 'endpoints'))
  } else {
    await routerContract(called(`${kind}, rules of a load balancer`), options(mode, zonal, 'rules'))
    await routerContract(called(`${kind}, rules of a gateway`), options(mode, zonal, 'a gateway'))
  }
}
