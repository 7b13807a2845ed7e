import { expect, test } from 'vitest'
import { leadTo } from './fleet.ts'
import { ENDPOINTS } from './rolling.ts'
import { createSite } from './site.ts'
import type { ProfileRecord } from './wire/profile.ts'
import { weighEndpoints } from './wire/endpoints.ts'
import { sharesInForce } from './wire/spreading.ts'

const MINUTE = 60_000
const { blue, green } = ENDPOINTS

test('name servers take up each write of Traffic Manager in its time, and none before an earlier one', async () => {
  const times = [5 * MINUTE, MINUTE]
  const { write, shareAt } = await profileOf('trafficManager', () => times.shift() ?? 0)
  write(900)
  expect(shareAt(MINUTE)).toBe(500)
  expect([4, 5].map((minutes) => shareAt(minutes * MINUTE))).toEqual([500, 900])
})

test('Front Door brings one change everywhere at a time, and together after it whatever was written meanwhile', async () => {
  const { write, shareAt } = await profileOf('frontDoor', () => 20 * MINUTE)
  // Two endpoints are two writes, of which the first begins at once.
  write(900)
  write(800)
  expect(shareAt(10 * MINUTE)).toBe(500)
  write(1_000)
  write(700)
  expect([19, 20, 39, 40].map((minutes) => shareAt(minutes * MINUTE))).toEqual([500, 643, 643, 700])
})

test('parts are whole and make up all, and nobody is sent where probes are not answered, unless there is nowhere else', async () => {
  const { write, profile } = await profileOf('trafficManager', undefined)
  write(2)
  profile.endpoints.get('green')!.weight = 1
  const shares = () => Object.fromEntries(sharesInForce(profile))
  expect(shares()).toEqual({ [blue]: 667, [green]: 333 })
  profile.endpoints.get('green')!.ill = 'Degraded'
  expect(shares()).toEqual({ [blue]: 1_000, [green]: 0 })
  profile.endpoints.get('blue')!.ill = 'Degraded'
  expect(shares()).toEqual({ [blue]: 667, [green]: 333 })
})

/** Two endpoints, each of which has half of the traffic. */
async function profileOf(kind: ProfileRecord['kind'], propagation: (() => number) | undefined) {
  const site = await createSite()
  const { account, world } = site
  const profile = leadTo(site, kind, blue, green)
  weighEndpoints(account, profile, { [blue]: 500, [green]: 500 })
  account.propagation = propagation
  const beganAt = world.now
  return {
    profile,
    /** Gives the first so much, and the rest to the other one. */
    write: (part: number) => weighEndpoints(account, profile, { [blue]: part, [green]: 1_000 - part }),
    /** What the first has of the traffic so long after all began. */
    shareAt(ms: number) {
      world.runUntil(beganAt + ms)
      return sharesInForce(profile).get(blue)
    },
  }
}
