import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { blueGreen, canary, rolling, type FleetSnapshot } from 'imago'
import { expect, test } from 'vitest'
import { createSite, ofType } from '../kit/index.ts'

const DAY_MS = 86_400_000

test('a rollout that waited two days for a person has lost its holds, says so, and takes them before its next change', async () => {
  const site = createSite()
  const approval = { id: 'go', expires: '7d' } as const
  const rollout = await site.started(site.process().fleet, blueGreen({ approval, bake: '1m' }))
  await site.until(rollout, (event) => event.type === 'approval.requested')
  const before = (await site.events(rollout)).length
  await site.pass(2 * DAY_MS)
  await site.settled(rollout.approve('go'))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  const since = (await site.events(rollout)).slice(before)
  expect(ofType(since, 'holds.lost')).toMatchObject([{ group: 'web' }])
  expect(ofType(since, 'command.intended')[0]?.command).toMatchObject({ kind: 'hold', hold: 'claim', group: 'web' })
})

test.for([
  ['claim', 'web'],
  ['scale-in', 'web'],
  ['scale-in', 'web-v001'],
] as const)('a mark that somebody took away (%s on %s) is said to be lost, once', async ([kind, from]) => {
  const site = createSite({ autoscaler: { periodMs: 60_000 } })
  let taken = false
  const { describe } = site.cloud.provider
  const { fleet } = site.process({
    provider: {
      async describe(...given) {
        const look = await describe(...given)
        const groups = look.groups.map((group) =>
          group.id === from ? { ...group, holds: group.holds.filter((hold) => hold.kind !== kind) } : group,
        )
        return taken ? { ...look, groups } : look
      },
    },
  })
  const rollout = await site.started(fleet, canary({ weights: [34], bake: '2h' }))
  await site.until(rollout, (event) => event.type === 'gate.holding' && event.gate === 'bake')
  // By then each mark has been renewed.
  await site.turns(rollout, 200)
  taken = true
  await site.turns(rollout, 5)
  taken = false
  await site.turns(rollout, 5)
  expect(ofType(await site.events(rollout), 'holds.lost')).toMatchObject([{ group: from }])
  await site.settled(rollout.promote({ full: true }))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
})

test.for([0, 20_000])(
  'a rollout that holds and releases as it should never says that it lost anything (%i ms)',
  async (settleMs) => {
    for (const end of ['promoted', 'rolled-back', 'aborted'] as const) {
      const site = createSite({ autoscaler: { periodMs: 60_000 }, settleMs })
      const rollout = await site.started(site.process().fleet, blueGreen({ bake: '2h' }))
      if (end !== 'promoted') await site.until(rollout, (event) => event.type === 'waypoint.ready' && event.waypoint === 'switch')
      if (end === 'rolled-back') await site.settled(rollout.rollback())
      if (end === 'aborted') await site.settled(rollout.abort())
      expect(await site.settled(rollout.run())).toMatchObject({ outcome: end })
      expect(ofType(await site.events(rollout), 'holds.lost')).toEqual([])
    }
  },
)

test('drift: a release without a size, an expired hold, weight on no group', async () => {
  const site = createSite()
  let change = (look: FleetSnapshot): FleetSnapshot => look
  const { describe } = site.cloud.provider
  const router = site.cloud.router!
  const { fleet } = site.process({
    provider: { describe: async (...given) => change((await describe(...given)) as FleetSnapshot) },
    router: {
      async look(...given) {
        const { routing, facts } = await router.look(...given)
        const ghost = { binding: 'ghost', weight: 5, groups: [] }
        return { facts, routing: { ...routing, routes: [...routing.routes, ghost] } }
      },
    },
  })
  expect((await site.settled(fleet.drift())).map((one) => one.what)).toEqual(['route ghost'])
  const hold = { kind: 'claim', owner: 'sim/web#1', epoch: 1, expiresAt: 1, store: 'store' } as const
  change = (look) => ({
    ...look,
    groups: look.groups.map((group) => ({
      ...group,
      holds: [hold],
      instances: group.instances.map((one, index) => (index === 0 ? { ...one, release: 'img-0' } : one)),
    })),
  })
  expect(await site.settled(fleet.drift())).toEqual([
    { what: 'instance web-0001 of web', found: 'release img-0', expected: 'release img-1' },
    { what: 'claim hold on web', found: 'expired and not released', expected: 'none' },
    { what: 'route ghost', found: 'weight 5 and no group', expected: 'weight 0' },
  ])
})

test('a fleet on which the cloud runs an operation of its own is not planned', async () => {
  const site = createSite()
  const { describe } = site.cloud.provider
  const says = 'the operation 08b91cf7 of web'
  const update = { id: '08b91cf7', state: 'stopping', release: 'img-2', says } as const
  const { fleet } = site.process({
    provider: {
      async describe(...given) {
        const look = await describe(...given)
        return { ...look, groups: look.groups.map((group) => ({ ...group, update })) }
      },
    },
  })
  const refused = await site.refused(fleet.plan({ image: 'img-2', strategy: rolling() }))
  expect(refused.message).toContain(says)
})

test('an HTTP probe is asked of every instance, and a no is not healthy', async () => {
  let sick = true
  const paths = new Set<string>()
  const server = createServer((request, response) => {
    paths.add(request.url ?? '')
    response.writeHead(sick ? 503 : 200).end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  try {
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const site = createSite()
    const { describe } = site.cloud.provider
    const reachable = async (...given: Parameters<typeof describe>) => {
      const look = await describe(...given)
      const at = (one: (typeof look.groups)[number]['instances'][number]) => ({ ...one, address: `${address}/${one.id}/` })
      return { ...look, groups: look.groups.map((group) => ({ ...group, instances: group.instances.map(at) })) }
    }
    const { fleet } = site.process({ provider: { describe: reachable }, spec: { health: { probes: [{ http: '/alive' }] } } })
    const rollout = await fleet.plan({ image: 'img-2', strategy: blueGreen({ bake: '30s' }) }).then((plan) => fleet.start(plan))
    // The server answers in its own time, which a simulated clock does not wait for.
    const turn = async () => {
      await rollout.tick()
      await site.pass(10_000)
    }
    for (let count = 0; count < 6; count++) await turn()
    expect(rollout.state).toMatchObject({ index: 0, ready: false })
    expect(paths).toEqual(new Set(['/alive']))
    sick = false
    for (let count = 0; count < 3; count++) await turn()
    expect(ofType(await site.events(rollout), 'instance.healthy')).toHaveLength(3)
  } finally {
    server.close()
  }
})
