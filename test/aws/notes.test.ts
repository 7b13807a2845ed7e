import { blueGreen, clone } from 'imago'
import { alb, aws } from 'imago/aws'
import { expect, test } from 'vitest'
import { markValue } from '../../providers/aws/marks.ts'
import { NEW, setUpFleet } from './fleet.ts'
import { CLONED, drive, leftovers, newStore, startProcess } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

const target = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }
const context = { signal: new AbortController().signal, token: 'one' }

test("somebody else's target group of a route's name is neither used nor deleted", async () => {
  const { site, router } = await routed()
  const foreign = { Name: 'web-v001', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' } as const
  await site.owner.elb.createTargetGroup(foreign)
  await expect(router.prepare(target, 'web-v001', context)).rejects.toThrow(/web-v001 without the mark of this fleet/)
  // The refused one left a note of what it meant to make; whoever releases next goes by the mark, not by the note.
  await router.release(target, 'web-v002', context)
  expect(namesOf(site)).toEqual(['web', 'web-v001'])
  expect(notesOn(site)).toEqual([])
})

test('a target group that was made and put into no rule goes with the next release', async () => {
  const { site, router } = await routed()
  site.account.denied.add('elb.ModifyListener')
  await expect(router.prepare(target, 'web-v001', context)).rejects.toThrow(/not authorized/)
  expect([namesOf(site), notesOn(site)]).toEqual([['web', 'web-v001'], ['imago:route:web-v001']])
  site.account.denied.clear()
  await router.release(target, 'web-v002', context)
  expect([namesOf(site), notesOn(site)]).toEqual([['web'], []])
})

test('a note that outlived the making of its route goes with the next release, and the route stays', async () => {
  const { site, router } = await routed()
  site.account.denied.add('elb.RemoveTags')
  await expect(router.prepare(target, 'web-v001', context)).rejects.toThrow(/not authorized/)
  site.account.denied.clear()
  expect(notesOn(site)).toEqual(['imago:route:web-v001'])
  await router.release(target, 'web-v002', context)
  expect([namesOf(site), notesOn(site)]).toEqual([['web', 'web-v001'], []])
})

test('a route that is being taken away is shown until its note is erased, and is given nothing', async () => {
  const { site, router } = await routed()
  await router.prepare(target, 'web-v001', context)
  site.account.denied.add('elb.RemoveTags')
  await expect(router.release(target, 'web-v001', context)).rejects.toThrow(/not authorized/)
  const shown = async () => (await router.look(target, context)).routing.routes.map((one) => one.binding)
  expect([namesOf(site), await shown()]).toEqual([['web'], ['web', 'web-v001']])
  await expect(router.prepare(target, 'web-v001', context)).rejects.toThrow(/is being taken away/)
  const weights = router.setWeights(target, { web: 100, 'web-v001': 0 }, { web: 90, 'web-v001': 10 }, context)
  await expect(weights).rejects.toThrow(/name no target group web-v001/)
  site.account.denied.clear()
  await router.release(target, 'web-v001', context)
  expect([await shown(), notesOn(site)]).toEqual([['web'], []])
})

test('what an earlier rollout began to make and never made keeps nobody from giving weights', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const { fleet } = await aws(site.access).describe(target, context)
  site.account.listeners.get(listener)!.set('imago:route:web-v000', markValue(fleet))
  const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
  const plan = await web.plan({ image: NEW, strategy: blueGreen({ bake: '30s' }) })
  expect(plan.notes.join()).toContain('No traffic reaches the route web-v000 that was begun and never made')
  const rollout = await web.start(plan)
  await drive(site, rollout)
  expect(rollout.state.outcome).toBe('promoted')
  expect(leftovers(site)).toEqual([])
})

async function routed() {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  return { site, router: alb(aws(site.access), { listeners: [listener] }) }
}

function namesOf({ account }: Site): string[] {
  return [...account.targetGroups.values()].map((one) => one.name)
}

function notesOn({ account }: Site): string[] {
  return [...account.listeners.values()].flatMap((tags) => [...tags.keys()])
}

testTheWire()
