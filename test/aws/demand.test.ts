import { expect, test } from 'vitest'
import { share } from '../kit/share.ts'
import { begin, capacityOf, driven, JOBS, leftOf, until, wantedOf } from './alarms.ts'
import { NEW } from './fleet.ts'
import { staying } from './rolling.ts'
import { testTheWire, type Site } from './site.ts'

const [SIZE, DEMAND] = [3, 9]
const BOOT_MS = 40_000
/** From the first word of an alarm until all that was needed for it serves: two looks of 15 s beside the boot. */
const FOLLOWED_MS = BOOT_MS + 30_000

test.for(share(Object.entries(JOBS), 3))('%s: demand triples in the middle, and serving capacity follows', async ([, job]) => {
  const alarmed = await begin(job, SIZE, BOOT_MS)
  const { site, imago, rollout } = alarmed
  await until(alarmed, job.middle)

  const tripledAt = site.world.now
  const short: number[] = []
  await driven(alarmed, { everyMs: 60_000, speak: () => scaleOut(site) }, (now) => {
    if (now > tripledAt + FOLLOWED_MS) short.push(DEMAND - capacityOf(site))
  })
  expect(short.length).toBeGreaterThan(0)
  expect(Math.max(...short)).toBeLessThanOrEqual((job.lent ?? 0) + 1e-9)
  expect(rollout.state.outcome).toBe('promoted')
  const images = staying(site).map((one) => one.image)
  expect(images).toEqual(images.map(() => NEW))
  // In place one group has all of it: what was lent on top of an alarm's word is given back.
  if (job.groups.kind === 'in-place') expect(images.length).toBeLessThanOrEqual(DEMAND)
  expect(leftOf(alarmed, job)).toEqual([])
  await imago.close()
})

testTheWire()

/** What target tracking does once a minute. */
async function scaleOut(site: Site): Promise<void> {
  for (const group of site.account.groups.values()) {
    const wanted = wantedOf(site, group, DEMAND)
    if (group.targetGroups.size > 0 && wanted > group.desired)
      await site.owner.autoScaling.setDesiredCapacity({ AutoScalingGroupName: group.name, DesiredCapacity: wanted })
  }
}
