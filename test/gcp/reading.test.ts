import { blueGreen, canary, clone, createImago, inPlace, rolling, type Fleet, type Placement } from 'imago'
import { gcp } from 'imago/gcp'
import { memoryStore } from 'imago/stores/memory'
import { worldSystem } from 'imago/testing'
import { expect, test } from 'vitest'
import { addGroup, setUpImages, ZONE, type FleetSettings } from './fleet.ts'
import { createSite, testTheWire, type Site } from './site.ts'

test('a plan is made by reading alone', async () => {
  const site = await createSite()
  const images = setUpImages(site)
  addGroup(site)
  const web = fleetOf(site)
  const plan = await web.plan({ image: `gce:${site.project.id}/${images.new.id}`, strategy: rolling() })
  console.log(plan.toString())
  console.log(site.calls())
  console.log(JSON.stringify(await web.describe(), null, 1))
})

function fleetOf(
  site: Site,
  { location = ZONE, name = 'web' }: FleetSettings = {},
  groups: Placement = clone({ adopt: name }),
): Fleet {
  const imago = createImago({
    store: memoryStore({ now: () => site.world.now, id: 'store' }),
    providers: { gcp: gcp(site.accessTo(location)) },
    system: worldSystem(site.world, 'planner', { user: 'ada' }),
  })
  return imago.fleet('web', { provider: 'gcp', groups })
}

testTheWire()
