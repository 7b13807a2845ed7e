import { blueGreen, canary, type HandleView, type RolloutStore } from 'imago'
import { expect, test } from 'vitest'
import { createSite, ofType } from '../kit/index.ts'

test.for([
  ['the process that made it', false],
  ['one that found the rollout again', true],
] as const)('that a call which was accepted has failed is learned by its handle, by %s', async ([, again]) => {
  const site = createSite({ handles: true, settleMs: 120_000 })
  const first = site.process()
  let rollout = await site.started(first.fleet, canary({ weights: [34, 67], bake: '30s', progressDeadline: '1h' }))
  await site.until(rollout, (event) => event.type === 'command.intended' && event.command.kind === 'resize')
  // The cloud has taken it, and refuses it as it lands: the group is not the one of before.
  site.cloud.people.setMin('web-v001', 1)
  if (again) {
    await site.settled(first.imago.close())
    rollout = await site.settled(site.process().imago.rollout(rollout.id))
  }
  await site.until(rollout, (event) => event.type === 'command.refused')
  const events = await site.events(rollout)
  expect(ofType(events, 'command.refused')).toMatchObject([{ class: 'conflict', message: expect.stringContaining('look again') }])
  expect(ofType(events, 'command.lapsed')).toEqual([])
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
})

test('a call whose handle is pending is waited for, however late it lands', async () => {
  const site = createSite()
  const { describe, ensureGroup } = site.cloud.provider
  const created: HandleView[] = []
  const { fleet } = site.process({
    provider: {
      async ensureGroup(...given) {
        created.push({ state: 'pending' })
        void site.world.clock.sleep(300_000).then(async () => {
          await ensureGroup(...given)
          created[0] = { state: 'done' }
        })
        return { handle: 'creation' }
      },
      async describe(target, context) {
        const [creation] = target.handles.includes('creation') ? created : []
        const look = await describe(target, context)
        return creation === undefined ? look : { ...look, handles: { creation } }
      },
    },
  })
  const rollout = await site.started(fleet, blueGreen({ bake: '30s', progressDeadline: '10m' }))
  expect(await site.settled(rollout.run())).toMatchObject({ outcome: 'promoted' })
  expect(created).toEqual([{ state: 'done' }])
  expect(ofType(await site.events(rollout), 'command.lapsed')).toEqual([])
})

test('whoever finds a rollout again opens what was sealed only of calls that may still land', async () => {
  const site = createSite({ handles: true, settleMs: 8_000 })
  const { fleet } = site.process()
  const rollout = await site.started(fleet, canary({ weights: [34], bake: '30s' }))
  const met = { open: 0, closed: 0 }
  while (rollout.state.phase !== 'done') {
    await site.settled(rollout.tick())
    await site.pass(1_000)
    let keysRead = 0
    const get: RolloutStore['get'] = (key) => {
      if (key.startsWith('seal/')) keysRead++
      return site.store.get(key)
    }
    const { state } = await site.settled(site.process({ store: { ...site.store, get } }).imago.rollout(rollout.id))
    const open = state.flights.some((flight) => flight.outcome === 'accepted' && !flight.landed)
    expect(keysRead, `event ${state.seq}`).toBe(open ? 1 : 0)
    met[open ? 'open' : 'closed']++
  }
  expect(met.open).toBeGreaterThan(0)
  expect(met.closed).toBeGreaterThan(0)
})
