import { createImago, inPlace, rolling } from 'imago'
import { alb, aws } from 'imago/aws'
import { worldSystem } from 'imago/testing'
import { expect, test } from 'vitest'
import { NEW, setUpFleet } from './fleet.ts'
import { drive, newStore } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

/** Rolls a fleet by clients that imago makes itself, with credentials that are handed in. @returns the keys that calls were signed with. */
async function rolledWith(site: Site, credentials: unknown): Promise<readonly string[]> {
  const { listener } = await setUpFleet(site)
  site.publish(NEW)
  site.account.keys.clear()
  const { clock, region } = site.access
  const cloud = aws({ region, endpoint: site.endpoint, credentials, ...(clock === undefined ? {} : { clock }) })
  const system = worldSystem(site.world, 'driver', { user: 'ada' })
  const imago = createImago({ store: newStore(site), providers: { aws: cloud }, system })
  const traffic = alb(cloud, { listeners: [listener] })
  const web = imago.fleet('web', { provider: 'aws', groups: inPlace('web'), traffic })
  const rollout = await web.start(await web.plan({ image: NEW, strategy: rolling() }))
  await drive(site, rollout)
  expect(rollout.state.outcome).toBe('promoted')
  await imago.close()
  return [...site.account.keys]
}

test('a provider of credentials is asked again before they expire, in the middle of a rollout', async () => {
  const site = await createSite()
  let given = 0
  // What expires within five minutes the SDK takes for expired.
  const lifetimesMs = [60_000, 60_000, 3_600_000]
  const keys = await rolledWith(site, async () => ({
    accessKeyId: `AKID${++given}`,
    secretAccessKey: 'a secret of nobody',
    sessionToken: 'a token of nobody',
    expiration: new Date(Date.now() + (lifetimesMs[given - 1] ?? 3_600_000)),
  }))
  expect(keys.length).toBeGreaterThanOrEqual(3)
  expect(keys.every((key) => /^AKID\d+$/.test(key))).toBe(true)
})

test('credentials that last are asked for once by each client', async () => {
  const site = await createSite()
  let given = 0
  const keys = await rolledWith(site, async () => ({ accessKeyId: `AKID${++given}`, secretAccessKey: 'a secret of nobody' }))
  expect(keys.length).toBe(given)
  // One each for Auto Scaling, EC2 and the load balancers.
  expect(given).toBe(3)
})

testTheWire()
