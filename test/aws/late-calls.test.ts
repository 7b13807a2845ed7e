import { canary, inPlace, rolling, slots } from 'imago'
import { expect, test } from 'vitest'
import { addSlot, NEW } from './fleet.ts'
import { CLONED, leftovers, roll } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'
import { isRead } from './wire/reads.ts'

/** An answer that is lost, of a call that is carried out at once, and once more within what the adapter declares. */
const TWICE = { landsAfterMs: [0, 50_000], cutAfterMs: 0 }

test.for([
  ['in place', inPlace('web')],
  ['a clone', CLONED],
] as const)('a size that is lowered twice, the second time late, leaves the minimum as it was: %s', async ([, groups]) => {
  const site = await createSite()
  let lowered = 0
  const before = async () => loseSizes(site, () => lowered++)
  const { rollout, images } = await roll(site, { strategy: rolling({ maxSurge: 1 }), groups, before })
  expect(rollout.state.outcome).toBe('promoted')
  expect(lowered).toBeGreaterThan(0)
  site.world.runUntil(site.world.now + 120_000)
  expect(images()).toEqual([NEW, NEW, NEW])
  expect(leftovers(site)).toEqual([])
})

test('a slot that is filled again and again, at last when it has grown, keeps what it has', async () => {
  const site = await createSite()
  let filled = 0
  const before = async () => {
    await addSlot(site)
    loseFilling(site, () => ++filled)
  }
  const strategy = canary({ weights: [34, 67], bake: '1s' })
  const { rollout, images } = await roll(site, { strategy, groups: slots('web', 'web-b'), before })
  expect(rollout.state.outcome).toBe('promoted')
  expect(filled).toBe(3)
  expect(images()).toEqual([NEW, NEW, NEW])
  const launched = site.world.trace.entries.filter(({ what }) => what.includes(`launched from ${NEW}`))
  expect(launched).toHaveLength(3)
})

testTheWire()

/** A size is lowered by the write that comes right after who may be chosen for it. */
function loseSizes({ account }: Site, onLost: () => void): void {
  let last = ''
  account.fateOf = (_service, action) => {
    if (isRead(action)) return undefined
    const lowers = action === 'UpdateAutoScalingGroup' && last === 'SetInstanceProtection'
    last = action
    if (!lowers) return undefined
    onLost()
    return TWICE
  }
}

/** A slot is filled by the write that comes right after its template and its marks; three times the answer is lost. */
function loseFilling({ account }: Site, onLost: () => number): void {
  let lasts: readonly string[] = []
  account.fateOf = (_service, action) => {
    if (isRead(action)) return undefined
    lasts = [...lasts, action]
    if (!lasts.join().endsWith('CreateLaunchTemplate,CreateOrUpdateTags,UpdateAutoScalingGroup')) return undefined
    if (onLost() === 3) account.fateOf = () => undefined
    return TWICE
  }
}
