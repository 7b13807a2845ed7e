import { gcpPermissions } from 'imago/gcp'
import { createLife, worldSystem } from 'imago/testing'
import { expect, test } from 'vitest'
import * as onAzure from '../../examples/08-azure.ts'
import * as onGoogleCloud from '../../examples/09-google-cloud.ts'
import * as azureFleet from '../azure/fleet.ts'
import * as azureRolling from '../azure/rolling.ts'
import * as azureSite from '../azure/site.ts'
import { storeOf } from '../gcp/kit.ts'
import { ZONE } from '../gcp/fleet.ts'
import * as gcpRolling from '../gcp/rolling.ts'
import * as gcpSite from '../gcp/site.ts'

test('the example on Azure rolls the newest version of a gallery by rules', { timeout: 120_000 }, async () => {
  const site = await azureSite.createSite()
  const { NEW } = azureFleet
  azureRolling.setUp(site, { groups: azureRolling.CLONED, way: 'rules' })
  const life = createLife(site.world, { dies: () => false, loses: () => false }, () => undefined)
  const shop = { scaleSet: 'web', loadBalancer: 'web-lb', rules: ['http'], definition: azureSite.DEFINITION }
  const options = { store: azureRolling.newStore(site), system: worldSystem(site.world, 'driver', { user: 'ada' }) }
  const { outcome } = await site.drive(onAzure.release(site.accessOf(life), shop, options))
  expect([outcome, azureRolling.imagesOf(site)]).toEqual(['promoted', [NEW, NEW, NEW]])
  expect(azureRolling.leftovers(site)).toEqual([])
})

test('the example on Google Cloud rolls the newest image of a family by weights', { timeout: 120_000 }, async () => {
  const site = await gcpSite.createSite({ driven: true })
  gcpRolling.makeFleet(site)
  site.publish(gcpRolling.NEW, undefined, { family: 'web' })
  site.project.policy = gcpPermissions({ features: ['groups', 'clone', 'urlMap', 'imageFamily'] })
  const { release } = site.sentBy({ release: onGoogleCloud.release }, gcpRolling.unharmed(site))
  const options = { store: storeOf(site), system: worldSystem(site.world, 'driver', { user: 'ada' }) }
  const shop = { group: 'web', urlMap: 'web', family: 'web' }
  const { outcome } = await site.drive(release(site.accessTo(ZONE), shop, options))
  expect([outcome, gcpRolling.running(site)]).toEqual(['promoted', Array.from({ length: 3 }, () => gcpRolling.NEW)])
  expect(gcpRolling.leftovers(site)).toEqual([])
})
