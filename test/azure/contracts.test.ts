import { azure, galleryImage } from 'imago/azure'
import { providerContract, type FleetContractOptions, type FleetWanted, type Harness } from 'imago/testing'
import { called } from '../contracts/harness.ts'
import { setUpFleet } from './fleet.ts'
import { createSite, DEFINITION } from './site.ts'

const options: FleetContractOptions = {
  images: {
    stable: `${DEFINITION}/versions/1.0.0`,
    other: `${DEFINITION}/versions/1.0.1`,
    missing: `${DEFINITION}/versions/9.9.9`,
    malformed: `${DEFINITION}/versions/latest`,
    alias: { name: galleryImage(DEFINITION), image: `${DEFINITION}/versions/1.0.1` },
  },
  create: ({ size }) => create(size, 'Uniform'),
}

/** A set has no bounds of its own: what a test wants of them is not given. */
async function create(size: FleetWanted['size'], mode: 'Uniform' | 'Flexible') {
  const site = await createSite({ standing: true })
  setUpFleet(site, { mode, size })
  site.account.sizes.set('Standard_D4s_v5', { architecture: 'x64', generations: 'V2' })
  const { world } = site
  return {
    provider: azure(site.access),
    group: 'web',
    launch: { sku: { name: 'Standard_D4s_v5' } },
    time: {
      now: () => world.now,
      pass: async (ms: number) => world.runUntil(world.now + ms),
      settled: <T>(promise: Promise<T>) => promise,
    },
    dispose: site.close,
  }
}

/** Parts of the suite that change a fleet, and what else cannot be shown. */
const CHANGING = ['sizes', 'removing', 'holds', 'groups of clones', 'in place']
const ELSE: Readonly<Record<string, string>> = {
  'shows a group with its bounds, its size by release, and that release':
    'a scale set has no bounds of its own, and autoscale settings are not read',
  'the handle of an accepted call, where there is one, tells that it is done': 'no call is accepted',
  'launch settings are those of the release that it rests on, once they are kept': 'no settings are kept: that takes a change',
  'a change that is let go before it is made is accepted or unknown, or has no effect': 'no change is made',
  'a change that is let go while it is under way is accepted or unknown, or has no effect': 'no change is made',
}

/** A harness that shows what changes a fleet as skipped, with the reason. */
function reading(harness: Harness): Harness {
  return {
    ...harness,
    describe: (name, body) => {
      if (CHANGING.includes(name)) harness.skip(name, 'this provider changes nothing')
      else harness.describe(name, body)
    },
    it: (name, body) => {
      const why = ELSE[name]
      if (why === undefined) harness.it(name, body)
      else harness.skip(name, why)
    },
  }
}

await providerContract(reading(called('azure, Uniform')), options)
await providerContract(reading(called('azure, Flexible')), { ...options, create: ({ size }) => create(size, 'Flexible') })
