import { gcp, imageFamily } from 'imago/gcp'
import { providerContract, type FleetContractOptions, type FleetWanted } from 'imago/testing'
import { called } from '../contracts/harness.ts'
import { addGroup, REGION, setUpImages, ZONE } from './fleet.ts'
import { createSite, testTheWire } from './site.ts'

/** The suite names images once, for all of its sites: each has the same project with the same numbers in it. */
const [PROJECT, OLD, NEW] = ['contract', '1000000000000000001', '1000000000000000002']

const groups = (location: string): FleetContractOptions => ({
  images: {
    stable: `gce:${PROJECT}/${OLD}`,
    other: `gce:${PROJECT}/${NEW}`,
    missing: `gce:${PROJECT}/1000000000000000003`,
    malformed: 'latest',
    alias: { name: imageFamily({ project: PROJECT, family: 'web' }), image: `gce:${PROJECT}/${NEW}` },
  },
  patienceMs: 600_000,
  create: (wanted) => create(wanted, location),
})

async function create(wanted: FleetWanted, location: string) {
  const site = await createSite(PROJECT)
  setUpImages(site, { old: OLD, new: NEW })
  addGroup(site, { location, size: wanted.size, scaled: { min: wanted.min, max: wanted.max } })
  return {
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
