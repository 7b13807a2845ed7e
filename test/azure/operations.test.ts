import { clone, createImago, rolling } from 'imago'
import { azure } from 'imago/azure'
import { expect, onTestFinished, test } from 'vitest'
import { listen } from '../kit/listen.ts'
import { NEW, setUpFleet } from './fleet.ts'
import { CLONED, drive, leftovers, newStore, startProcess } from './rolling.ts'
import { clientOf, createSite } from './site.ts'
import { SUBSCRIPTION } from './wire/account.ts'

test('what a process began that died is asked for by the next one, by a handle that the journal keeps sealed', async () => {
  const site = await createSite()
  site.account.operationMs = 90_000
  setUpFleet(site, { mode: 'Uniform', pool: 'web-lb/web', bounds: { min: 1, max: 10 } })
  const image = site.publish(NEW)
  const store = newStore(site)
  const first = startProcess(site, { groups: CLONED, store, name: 'first' })
  const rollout = await first.web.start(await first.web.plan({ image, strategy: rolling({ maxSurge: 3 }) }))
  const made = () => site.account.requests.filter((one) => one.operation === 'virtualMachineScaleSets.createOrUpdate').length
  while (made() === 0) await drive(site, rollout, 1)
  await first.imago.close()
  const [operation = ''] = [...site.account.operations.keys()].slice(-1)
  const journaled = await Promise.all((await store.list('')).map((stream) => store.read(stream, 1)))
  expect(JSON.stringify(journaled)).not.toMatch(new RegExp(`${operation}|locations/`))
  site.account.requests.length = 0
  const second = startProcess(site, { groups: CLONED, store, name: 'second' })
  site.world.runUntil(site.world.now + 31_000)
  const taken = await second.imago.rollout(rollout.id)
  await drive(site, taken, 1)
  expect(site.account.requests.some((one) => one.url.includes(operation))).toBe(true)
  await drive(site, taken)
  await second.imago.close()
  expect([taken.state.outcome, made()]).toEqual(['promoted', 0])
  expect(leftovers(site)).toEqual([])
})

test('no token is sent to where a page of Azure’s leads, unless that is Azure', async () => {
  const strangers: string[] = []
  const stranger = await listen(({ url = '' }, response) => {
    strangers.push(url)
    response.end('{"value":[]}')
  })
  const server = await listen((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ value: [], nextLink: `${stranger.endpoint}/subscriptions/s?$skiptoken=1` }))
  })
  onTestFinished(async () => {
    await Promise.all([server.close(), stranger.close()])
  })
  const { endpoint } = server
  const client = (subscription: string) => clientOf(endpoint, subscription)
  const provider = azure({ subscription: SUBSCRIPTION, resourceGroup: 'shop', endpoint, client })
  const imago = createImago({ providers: { azure: provider } })
  const looked = imago.fleet('web', { provider: 'azure', groups: clone({ adopt: 'web' }) }).describe()
  await expect(looked).rejects.toMatchObject({
    message: expect.stringContaining(`An answer led to ${stranger.endpoint}, not ${endpoint}: nothing was sent there.`) as string,
    facts: { class: 'denied', native: 'ForeignHost' },
  })
  await imago.close()
  expect(strangers).toEqual([])
})
