import { gcp, imageFamily } from 'imago/gcp'
import { providerContract, type FleetContractOptions, type FleetWanted } from 'imago/testing'
import { called } from '../contracts/harness.ts'
import { addGroup, REGION, setUpImages, ZONE } from './fleet.ts'
import { createSite, testTheWire } from './site.ts'

/** The suite names images once, for all of its sites: each has the same project with the same numbers in it. */
const [PROJECT, OLD, NEW] = ['contract', '1000000000000000001', '1000000000000000002']

const MUTE = '1000000000000000004'

const groups = (location: string): FleetContractOptions => ({
  images: {
    stable: `gce:${PROJECT}/${OLD}`,
    other: `gce:${PROJECT}/${NEW}`,
    missing: `gce:${PROJECT}/1000000000000000003`,
    malformed: 'latest',
    alias: { name: imageFamily({ project: PROJECT, family: 'web' }), image: `gce:${PROJECT}/${NEW}` },
    unhealthy: `gce:${PROJECT}/${MUTE}`,
  },
  patienceMs: 600_000,
  create: (wanted) => create(wanted, location),
  async createLossy(wanted, landing) {
    // What is made in parts is interrupted call by call in a test of its own.
    if (landing === 'in part') return undefined
    const site = await create(wanted, location)
    site.wire.project.unheard = true
    return { ...site, recover: () => void (site.wire.project.unheard = false) }
  },
})

async function create(wanted: FleetWanted, location: string) {
  const site = await createSite(PROJECT)
  setUpImages(site, { old: OLD, new: NEW })
  site.publish('web-mute', { kind: 'never-healthy' }, { id: MUTE })
  addGroup(site, { location, size: wanted.size, scaled: { min: wanted.min, max: wanted.max } })
  return {
    wire: site,
    provider: gcp(site.accessTo(location)),
    group: 'web',
    launch: { machineType: 'e2-medium' },
    time: {
      now: () => site.world.now,
      pass: (ms: number) => Promise.resolve(site.world.runUntil(site.world.now + Math.max(ms, 1_000))),
      settled: <T>(promise: Promise<T>) => promise,
    },
  }
}

await providerContract(called('gcp, a zone'), groups(ZONE))
await providerContract(called('gcp, a region'), groups(REGION))

testTheWire()
