import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { blueGreen, createImago, rolling, slots, type Placement, type Rollout } from 'imago'
import { alb, aws, type AlbPreview } from 'imago/aws'
import { worldSystem } from 'imago/testing'
import { expect, onTestFinished, test } from 'vitest'
import { addSlot, NEW, previewRule, setUpFleet } from './fleet.ts'
import { CLONED, drive, leftovers, newStore } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

const VERIFIED = blueGreen({ verify: [{ http: '/ready' }], bake: '30s' })

test('a candidate is verified by its preview before it has traffic, with the headers that lead there', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const rule = await previewRule(site, listener)
  // Whoever answers there says which target group the rule led to, and what traffic that had.
  const led: unknown[] = []
  const url = await answering((path, header) => led.push([path, header, namesIn(site, rule), weights(site, listener)]))
  const { rollout } = await rolled(site, listener, { rule, url, headers: { 'x-preview': '1' } })
  expect(rollout.state.outcome).toBe('promoted')
  expect(led).toEqual([['/ready', '1', ['web-v001'], { web: 1, 'web-v001': 0 }]])
  expect(namesIn(site, rule)).toEqual(['web-v001'])
  expect(leftovers(site)).toEqual([])
})

test('going back gives the preview back', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const rule = await previewRule(site, listener)
  const url = await answering(() => undefined, 503)
  const { rollout } = await rolled(site, listener, { rule, url })
  const { outcome, reason } = await rollout.report()
  expect([outcome, reason]).toEqual(['rolled-back', 'HTTP /ready did not succeed in time'])
  expect(namesIn(site, rule)).toEqual(['web'])
  expect(leftovers(site)).toEqual([])
})

test('a listener of its own is pointed by its default action', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const [TargetGroupArn = ''] = site.account.targetGroups.keys()
  const { Listeners } = await site.owner.elb.createListener({
    LoadBalancerArn: listener.replace(':listener/', ':loadbalancer/').replace(/\/[^/]+$/, ''),
    Protocol: 'HTTP',
    Port: 8081,
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
  })
  const own = Listeners![0]!.ListenerArn!
  const { rollout } = await rolled(site, listener, { listener: own, url: await answering(() => undefined) })
  expect(rollout.state.outcome).toBe('promoted')
  expect(weights(site, own)).toEqual({ 'web-v001': 1 })
})

test('it follows the slot that is filled, there and back', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  await addSlot(site)
  const rule = await previewRule(site, listener)
  site.publish('ami-0000000000000000c')
  const led: unknown[] = []
  const url = await answering(() => led.push(namesIn(site, rule)))
  const { web } = fleetOf(site, listener, { rule, url }, slots('web', 'web-b'))
  for (const [image, slot] of [
    [NEW, 'web-b'],
    ['ami-0000000000000000c', 'web'],
  ] as const) {
    const rollout = await web.start(await web.plan({ image, strategy: VERIFIED }))
    await drive(site, rollout)
    expect(rollout.state.outcome).toBe('promoted')
    expect(led.splice(0)).toEqual([[slot]])
  }
})

test('without a preview what is verified over HTTP is refused, and by count it is asked of an instance', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const { web } = fleetOf(site, listener)
  await expect(web.plan({ image: NEW, strategy: VERIFIED })).rejects.toThrow(
    /gates\[\d\]\.question.*HTTP \/ready.*cannot be reached: no rule leads.*give alb\(\) a preview/s,
  )
  const plan = await web.plan({ image: NEW, strategy: rolling({ verify: [{ http: '/ready', port: 8080 }] }) })
  expect(plan.toString()).toContain('HTTP /ready on port 8080 says yes')
})

test('a preview that is not there says so', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const rule = `${listener.replace(':listener/', ':listener-rule/')}/0123456789abcdef`
  const { web } = fleetOf(site, listener, { rule, url: 'http://preview' })
  await expect(web.plan({ image: NEW, strategy: VERIFIED })).rejects.toThrow(/The preview .*0123456789abcdef is not there/)
})

async function rolled(site: Site, listener: string, preview: AlbPreview): Promise<{ rollout: Rollout }> {
  const { web } = fleetOf(site, listener, preview)
  const rollout = await web.start(await web.plan({ image: NEW, strategy: VERIFIED }))
  await drive(site, rollout)
  return { rollout }
}

function fleetOf(site: Site, listener: string, preview?: AlbPreview, groups: Placement = CLONED) {
  const cloud = aws(site.access)
  const system = worldSystem(site.world, 'driver', { user: 'ada' })
  const imago = createImago({ store: newStore(site), providers: { aws: cloud }, system })
  const traffic = alb(cloud, { listeners: [listener], ...(preview === undefined ? {} : { preview }) })
  return { web: imago.fleet('web', { provider: 'aws', groups, traffic }) }
}

/** Somebody who answers every request, and tells of it. @returns the address. */
async function answering(tell: (path: string, header: unknown) => void, status = 200): Promise<string> {
  const server = createServer((request, response) => {
    tell(request.url ?? '', request.headers['x-preview'])
    response.writeHead(status).end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function namesIn({ account }: Site, rule: string): string[] {
  return account.rules.get(rule)!.forwards.map((one) => account.targetGroups.get(one.arn)!.name)
}

/** What a listener's default action gives to whom. */
function weights({ account }: Site, listener: string): Record<string, number> {
  const rule = [...account.rules.values()].find((one) => one.listener === listener && one.isDefault)!
  return Object.fromEntries(rule.forwards.map((one) => [account.targetGroups.get(one.arn)!.name, one.weight]))
}

testTheWire()
