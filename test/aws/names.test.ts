import { blueGreen, clone } from 'imago'
import { expect, test } from 'vitest'
import { bindingOf, bindingTags, targetGroupName } from '../../providers/aws/bindings.ts'
import { NEW, OLD, setUpFleet } from './fleet.ts'
import { drive, newStore, startProcess, staying } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'

const LONG = 'production-web-frontend-of-the-shop'

test.for(['web', 'web-v001', LONG, `${LONG}-v001`, 'web/front_end', '-', 'a'.repeat(32), 'a'.repeat(33), 'Web.v1'])(
  'the route %j has a target group that can be called so, and is told by it',
  (binding) => {
    const name = targetGroupName(binding)
    expect(name).toMatch(/^[a-zA-Z\d](?:[a-zA-Z\d-]{0,30}[a-zA-Z\d])?$/)
    expect(bindingOf(name, bindingTags(binding))).toBe(binding)
    expect(targetGroupName(`${binding}x`)).not.toBe(name)
  },
)

test('a target group is told by its own name where a tag speaks of another', () => {
  expect(bindingOf('web', bindingTags(LONG))).toBe('web')
})

test('a group whose name is longer than a target group may have is rolled, again and again', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site, { name: LONG })
  const store = newStore(site)
  for (const [count, image] of [NEW, OLD].entries()) {
    const { web } = startProcess(site, { listener, groups: clone({ adopt: LONG }), store, name: `driver-${count}` })
    const rollout = await web.start(await web.plan({ image, strategy: blueGreen({ bake: '30s' }) }))
    await drive(site, rollout)
    expect(rollout.state.outcome).toBe('promoted')
    expect(staying(site).map((one) => one.image)).toEqual([image, image, image])
    expect([...site.account.groups.keys()]).toEqual([`${LONG}-v00${count + 1}`])
    expect([...site.account.targetGroups.values()].map((one) => one.name)).toEqual([targetGroupName(`${LONG}-v00${count + 1}`)])
  }
})

testTheWire()
