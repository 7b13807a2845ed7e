import { inPlace } from 'imago'
import { aws } from 'imago/aws'
import type { HoldView } from 'imago'
import { expect, test } from 'vitest'
import { setUpFleet } from './fleet.ts'
import { staying } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'
import { tracesOf } from './traces.ts'

const target = { name: 'web', placement: inPlace('web'), handles: [] }
const context = { signal: new AbortController().signal, token: 'one' }
const OWNER = 'web#1'

test('a hold is not released before whoever started under it is in service, and free of it', async () => {
  const { site, provider, release } = await heldAndChosen()
  await provider.resize(target, 'web', { [release]: 3 }, undefined, context)
  expect(staying(site).filter((one) => one.lifecycle === 'Pending' && one.protectedFromScaleIn)).toHaveLength(1)
  const freed = () => provider.release(target, 'web', 'scale-in', OWNER, context)
  await expect(freed()).rejects.toMatchObject({ facts: { class: 'transient' } })
  await expect(freed()).rejects.toThrow(/i-\w+ of web started protected from scale-in, which can be changed in service/)
  expect(site.account.groups.get('web')?.tags.has('imago:scale-in')).toBe(true)
  site.world.runUntil(site.world.now + 15_000)
  await freed()
  expect(tracesOf(site.account, 1)).toEqual([])
})

test('what is launched because the minimum is given back is free from its start', async () => {
  const { site, provider } = await heldAndChosen()
  // Somebody ends one, and its replacement is to be launched in a moment: the next write to the group brings it.
  site.world.machines.end(staying(site)[0]!.id, 'it crashed')
  await provider.release(target, 'web', 'scale-in', OWNER, context)
  site.world.runUntil(site.world.now + 15_000)
  expect(staying(site)).toHaveLength(2)
  expect(tracesOf(site.account, 1)).toEqual([])
})

test('a largest size that somebody lowers while a group is held is the minimum that it gets back', async () => {
  const { site, provider } = await heldAndChosen()
  await site.owner.autoScaling.updateAutoScalingGroup({ AutoScalingGroupName: 'web', MinSize: 0, MaxSize: 0, DesiredCapacity: 0 })
  await provider.release(target, 'web', 'scale-in', OWNER, context)
  expect(site.account.groups.get('web')).toMatchObject({ min: 0, max: 0 })
  expect(site.account.groups.get('web')?.tags.has('imago:scale-in')).toBe(false)
})

testTheWire()

/** A group of two that is held, and one of whose instances was chosen to go: the others are protected, those to come among them. */
async function heldAndChosen() {
  const site = await createSite()
  await setUpFleet(site)
  const provider = aws(site.access)
  const hold: HoldView = { kind: 'scale-in', owner: OWNER, epoch: 1, expiresAt: site.world.now + 3_600_000, store: 'store' }
  await provider.hold(target, 'web', hold, 3, context)
  const [group] = (await provider.describe(target, context)).groups
  const { release, instances } = group!
  await provider.remove(target, 'web', [instances[0]!.id], { [release]: 2 }, context)
  site.world.runUntil(site.world.now + 400_000)
  expect(site.account.groups.get('web')).toMatchObject({ desired: 2, guardsNew: true })
  return { site, provider, release }
}
