import { backendService, gcp, imageFamily, urlMap } from 'imago/gcp'
import { providerContract, routerContract, type FleetContractOptions, type FleetWanted, type RoutedSite } from 'imago/testing'
import { called } from '../contracts/harness.ts'
import { share } from '../kit/share.ts'
import { UNHEARD } from '../kit/wire/fate.ts'
import { addGroup, REGION, setUpImages, ZONE } from './fleet.ts'
import { addService, addUrlMap } from './balancer.ts'
import { createSite, testTheWire, type Site } from './site.ts'
import { urlOf } from './wire/project.ts'

/** The suite names images once, for all of its sites: each has the same project with the same numbers in it. */
const [PROJECT, OLD, NEW] = ['contract', '1000000000000000001', '1000000000000000002']

const MUTE = '1000000000000000004'

type WireSite = RoutedSite & { readonly wire: Site }
type Balancer = 'url map' | 'backend service'

const fleets = (location: string, balancer: Balancer = 'url map'): FleetContractOptions<WireSite> => ({
  images: {
    stable: `gce:${PROJECT}/${OLD}`,
    other: `gce:${PROJECT}/${NEW}`,
    missing: `gce:${PROJECT}/1000000000000000003`,
    malformed: 'latest',
    alias: { name: imageFamily({ project: PROJECT, family: 'web' }), image: `gce:${PROJECT}/${NEW}` },
    unhealthy: `gce:${PROJECT}/${MUTE}`,
  },
  patienceMs: 600_000,
  create: (wanted) => create(wanted, location, balancer),
  async createLossy(wanted, landing) {
    // What is made in parts is interrupted call by call in a test of its own.
    if (landing === 'in part') return undefined
    const site = await create(wanted, location, balancer)
    const { project } = site.wire
    project.fateOf = (_name, isRead) => (isRead ? undefined : UNHEARD)
    return { ...site, recover: () => void (project.fateOf = () => undefined) }
  },
})

async function create(wanted: FleetWanted, location: string, balancer: Balancer): Promise<WireSite> {
  const site = await createSite({ called: PROJECT })
  setUpImages(site, { old: OLD, new: NEW })
  site.publish('web-mute', { kind: 'never-healthy' }, { id: MUTE })
  const group = addGroup(site, { location, size: wanted.size, scaled: { min: wanted.min, max: wanted.max } })
  if (wanted.slots) addGroup(site, { name: 'web-b', location, size: 0, scaled: { min: 0, max: 1 } })
  const cloud = gcp(site.accessTo(location))
  addService(site, 'web', { groups: [group.path] })
  addUrlMap(site, { defaultService: urlOf(site.project, 'global/backendServices/web') })
  const router = (name: string) =>
    balancer === 'url map' ? urlMap(cloud, { urlMap: name }) : backendService(cloud, { backendService: name })
  return {
    wire: site,
    provider: cloud,
    router: router('web'),
    nowhere: router('nowhere'),
    binding: 'web',
    group: 'web',
    ...(wanted.slots ? { spare: 'web-b' } : {}),
    launch: { machineType: 'e2-medium' },
    time: {
      now: () => site.world.now,
      pass: (ms: number) => Promise.resolve(site.world.runUntil(site.world.now + Math.max(ms, 1_000))),
      settled: <T>(promise: Promise<T>) => promise,
    },
  }
}

const PLACES = [
  ['a zone', ZONE],
  ['a region', REGION],
] as const
const ROUTERS = [
  ['a URL map before groups of a zone', ZONE, 'url map'],
  ['a URL map before groups of a region', REGION, 'url map'],
  ['a backend service', ZONE, 'backend service'],
] as const

for (const [name, location] of share(PLACES, 2)) await providerContract(called(`gcp, ${name}`), fleets(location))
for (const [name, location, balancer] of share(ROUTERS, 2))
  await routerContract(called(`gcp, ${name}`), fleets(location, balancer))

testTheWire()
