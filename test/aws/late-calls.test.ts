import { inPlace, rolling } from 'imago'
import { expect, test } from 'vitest'
import { NEW } from './fleet.ts'
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
