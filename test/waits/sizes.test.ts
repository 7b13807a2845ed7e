import { rolling, type Rollout } from 'imago'
import { describe, expect, test } from 'vitest'
import { createSite, ofType, type Site } from '../kit/index.ts'

/** As long as an instance takes to come up, and no longer than a call may. */
const A_BOOT_MS = 28_000

/** By count an instance that has come up serves; each has requests under way for a while after it has left. */
function createServingSite(): Site {
  return createSite({ size: 4, conditional: false, router: { weights: false, drainMs: [5_000, 5_000] } })
}

/** Instances that a call ended with requests under way. */
function cutOff(site: Site): string[] {
  return site.cloud.truth.severed.filter(({ cause }) => cause.kind === 'call').map(({ instance }) => instance)
}

/** What the fleet's group for the new image is to have. */
function sizeOfCandidate(site: Site): number {
  return site.cloud.truth.groups.get('web-v001')?.sizes['img-2'] ?? 0
}

async function turnsUntil(site: Site, rollout: Rollout, there: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100 && !there(); turn++) await site.turns(rollout, 1)
  expect(there()).toBe(true)
}

describe('who is not named is not ended, whatever a group has launched since the look', () => {
  test('by a size that is lowered because its instances did not come up', async () => {
    const site = createServingSite()
    const { world, cloud } = site
    let short = false
    let cameUp = 0
    world.machines.runShort(({ owner }) => (short && owner === 'web-v001' ? 'there is no room' : undefined))
    const { fleet } = site.process({
      provider: {
        async remove(target, group, instances, sizesAfter, context) {
          if (group === 'web-v001' && short) {
            short = false
            await world.clock.sleep(A_BOOT_MS)
            cameUp = (cloud.truth.groups.get(group)?.instances.filter((one) => one.serving).length ?? 0) - 1
          }
          return await cloud.provider.remove(target, group, instances, sizesAfter, context)
        },
      },
    })
    const rollout = await site.started(fleet, rolling({ maxSurge: 3 }))
    await turnsUntil(site, rollout, () => sizeOfCandidate(site) === 1)
    short = true
    await turnsUntil(site, rollout, () => sizeOfCandidate(site) === 3)
    await site.settled(rollout.rollback())
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'rolled-back' })
    expect(cameUp).toBe(2)
    expect(cutOff(site)).toEqual([])
    const drained = ofType(await site.events(rollout), 'instance.drained').filter((one) => one.generation === 'web-v001')
    expect(drained.map((one) => one.clean)).toEqual([true, true, true])
  })

  test('by a size that was to grow and lands when somebody has set a larger one', async () => {
    const site = createServingSite()
    const { world, cloud } = site
    let asked = 0
    const { fleet } = site.process({
      provider: {
        async resize(target, group, sizes, version, context) {
          if (asked++ === 0) {
            cloud.people.resize(group, (sizes['img-2'] ?? 0) + 2)
            await world.clock.sleep(A_BOOT_MS)
          }
          return await cloud.provider.resize(target, group, sizes, version, context)
        },
      },
    })
    const rollout = await site.started(fleet, rolling({ maxSurge: 1 }))
    expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
    expect(asked).toBeGreaterThan(0)
    expect(cutOff(site)).toEqual([])
  })
})
