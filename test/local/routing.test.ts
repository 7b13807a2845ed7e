import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { localBalancer, localMetrics, type LocalCloud } from '../../providers/local/index.ts'
import { pathsOf } from '../../providers/local/paths.ts'
import {
  call,
  createWeb,
  fleet,
  groupOf,
  healthy,
  heldStreams,
  isUnknown,
  killDaemon,
  serving,
  temporaryCloud,
  until,
} from './support.ts'

/** Two groups, `web` behind the balancer and `next` beside it. */
async function twoGroups(cloud: LocalCloud, next: Record<string, string> = { VERSION: '2' }) {
  await createWeb(cloud)
  await createWeb(cloud, { name: 'next', env: next })
  const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
  await serving(cloud, 2, address)
  await healthy(cloud, 2, 'next')
  return { address, router: localBalancer(cloud, { name: 'web' }) }
}

/** How many of so many requests each version answered. */
async function versions(address: string, count: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let sent = 0; sent < count; sent++) {
    const { version } = (await (await fetch(address)).json()) as { version: string }
    counts[version] = (counts[version] ?? 0) + 1
  }
  return counts
}

describe('weights', () => {
  test('are shared out exactly, and a generation at 0 can be reached by its preview', async () => {
    const cloud = temporaryCloud()
    const { address, router } = await twoGroups(cloud)
    await router.prepare(fleet(), 'next', call())
    await router.prepare(fleet(), 'next', call())
    await router.join(fleet(), 'next', 'next', call())
    const { routing } = await router.look(fleet(), call())
    expect(routing.routes).toEqual([
      { binding: 'web', weight: 100, groups: ['web'], preview: { url: expect.stringContaining('http://127.0.0.1:') } },
      { binding: 'next', weight: 0, groups: ['next'], preview: { url: expect.stringContaining('http://127.0.0.1:') } },
    ])
    expect(Object.values(routing.instances).map((one) => one.state)).toEqual(['in', 'in', 'in', 'in'])
    expect(await versions(address, 10)).toEqual({ 1: 10 })
    expect(await versions(routing.routes[1]?.preview?.url ?? '', 4)).toEqual({ 2: 4 })
    await router.setWeights(fleet(), { web: 100 }, { web: 75, next: 25 }, call())
    expect(await versions(address, 40)).toEqual({ 1: 30, 2: 10 })
    await router.setWeights(fleet(), { web: 75, next: 25 }, { next: 100 }, call())
    expect(await versions(address, 10)).toEqual({ 2: 10 })
  })

  test('are changed only from what was expected, to a whole, among what is there', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    const router = localBalancer(cloud, { name: 'web' })
    await router.prepare(fleet(), 'next', call())
    const set = (expected: Record<string, number>, wanted: Record<string, number>) =>
      router.setWeights(fleet(), expected, wanted, call())
    await expect(set({ web: 50, next: 50 }, { next: 100 })).rejects.toMatchObject({ facts: { class: 'conflict' } })
    await expect(set({}, { next: 100 })).rejects.toMatchObject({ facts: { class: 'conflict' } })
    await expect(set({ web: 100 }, { gone: 100 })).rejects.toMatchObject({ facts: { class: 'not-found' } })
    await expect(set({ web: 100 }, { web: 50 })).rejects.toMatchObject({ facts: { class: 'invalid' } })
    await expect(set({ web: 100 }, { web: 99.5, next: 0.5 })).rejects.toMatchObject({ facts: { class: 'invalid' } })
    expect((await router.look(fleet(), call())).routing.routes.map((route) => route.weight)).toEqual([100, 0])
  })

  test('given to nobody that is there are an error of the router, not of the next look', async () => {
    const cloud = temporaryCloud()
    const router = localBalancer(cloud, { name: 'none' })
    const missing = { code: 'call-failed', facts: { class: 'not-found' } }
    await expect(router.look(fleet(), call())).rejects.toMatchObject(missing)
    await expect(router.prepare(fleet(), 'next', call())).rejects.toMatchObject(missing)
  })
})

describe('leaving', () => {
  test('lets what is under way finish: draining, then out', async () => {
    const cloud = temporaryCloud()
    const streams = heldStreams()
    await createWeb(cloud, { env: streams.env })
    const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    await serving(cloud, 2, address)
    const router = localBalancer(cloud, { name: 'web' })
    const stream = await fetch(`${address}/stream`)
    const busy = Object.entries((await router.look(fleet(), call())).routing.instances).find(([, one]) => one.inFlight === 1)?.[0]
    const leaver = busy ?? expect.fail('nobody is busy')
    await router.leave(fleet(), 'web', 'web', [leaver, 'web-gone'], call())
    expect((await router.look(fleet(), call())).routing.instances[leaver]).toEqual({ state: 'draining', inFlight: 1 })
    const others = await Promise.all(Array.from({ length: 6 }, async () => (await fetch(address)).headers.get('x-instance')))
    expect(others).not.toContain(leaver)
    streams.end()
    expect(await stream.text()).toBe('begins ends')
    await until('it is out', async () => (await router.look(fleet(), call())).routing.instances[leaver]?.state === 'out')
    expect((await groupOf(cloud))?.instances.find((one) => one.id === leaver)?.state).toBe('healthy')
  })

  test('as a group takes all of it out, now and later; joining again brings it back', async () => {
    const cloud = temporaryCloud()
    const { router } = await twoGroups(cloud)
    await router.join(fleet(), 'web', 'next', call())
    await router.leave(fleet(), 'web', 'web', 'all', call())
    await cloud.groups.resize('web', 3)
    const grown = await healthy(cloud, 3)
    const { routes, instances } = (await router.look(fleet(), call())).routing
    expect(routes[0]?.groups).toEqual(['next'])
    expect(grown.instances.map(({ id }) => instances[id]?.state)).toEqual(['out', 'out', 'out'])
    await router.join(fleet(), 'web', 'web', call())
    expect((await router.look(fleet(), call())).routing.routes[0]?.groups.toSorted()).toEqual(['next', 'web'])
    await router.leave(fleet(), 'none', 'web', 'all', call())
  })

  test('happens by itself before an instance is ended', async () => {
    const cloud = temporaryCloud()
    const streams = heldStreams()
    await createWeb(cloud, { size: 1, env: streams.env, stop: { graceMs: 60_000 } })
    const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    const group = await serving(cloud, 1, address)
    const stream = await fetch(`${address}/stream`)
    await cloud.remove(fleet(), 'web', [group.instances[0]?.id ?? ''], { [group.release]: 0 }, call())
    const leaving = (await groupOf(cloud))?.instances[0]
    expect(leaving).toMatchObject({ state: 'terminating', reason: 'finishing its requests' })
    streams.end()
    expect(await stream.text()).toBe('begins ends')
    await healthy(cloud, 0)
  })
})

describe('a route', () => {
  test('with weight is not released; without, it is gone and a late write that names it is refused', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    const router = localBalancer(cloud, { name: 'web' })
    await expect(router.release(fleet(), 'web', call())).rejects.toMatchObject({ facts: { class: 'conflict' } })
    await router.prepare(fleet(), 'next', call())
    await router.release(fleet(), 'next', call())
    await router.release(fleet(), 'next', call())
    await expect(router.setWeights(fleet(), { web: 100 }, { next: 100 }, call())).rejects.toMatchObject({
      facts: { class: 'not-found' },
    })
    await expect(router.join(fleet(), 'next', 'web', call())).rejects.toMatchObject({ facts: { class: 'not-found' } })
  })

  test('is joined by a new group as it is made', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1 })
    await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    const router = localBalancer(cloud, { name: 'web' })
    const release = Object.values((await cloud.describe(fleet(), call())).releases)[0] ?? expect.fail('no release')
    const request = { group: 'web-v001', release, sealed: null, like: 'web', size: 1, binding: 'web-v001', rolloutId: 'shop/1' }
    await expect(cloud.ensureGroup(fleet(), request, call())).rejects.toMatchObject({ facts: { class: 'not-found' } })
    expect(await groupOf(cloud, 'web-v001')).toBeUndefined()
    await router.prepare(fleet(), 'web-v001', call())
    await cloud.ensureGroup(fleet(), request, call())
    const { instances } = await healthy(cloud, 1, 'web-v001')
    const { routing } = await router.look(fleet(), call())
    expect(routing.routes[1]?.groups).toEqual(['web-v001'])
    expect(routing.instances[instances[0]?.id ?? '']?.state).toBe('in')
  })

  test('has nobody in who is not healthy', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, env: { NEVER_HEALTHY: '1' } })
    await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    const router = localBalancer(cloud, { name: 'web' })
    const routed = await until(
      'the instance is there',
      async () => Object.values((await router.look(fleet(), call())).routing.instances)[0],
    )
    expect(routed).toEqual({ state: 'out', reason: 'it is starting', inFlight: 0 })
  })
})

describe('a balancer', () => {
  test('whose port is taken is refused, and nothing is left of it', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    const taken = cloud.balancers.create({ name: 'web', listen: { port }, group: 'web' })
    await expect(taken).rejects.toMatchObject({
      facts: { class: 'invalid' },
      message: expect.stringMatching(new RegExp(`${port}.*EADDRINUSE`)),
    })
    await expect(localBalancer(cloud, { name: 'web' }).look(fleet(), call())).rejects.toMatchObject({
      facts: { class: 'not-found' },
    })
  })

  test('that is killed serves again where it did, also while the daemon is dead', async () => {
    const cloud = temporaryCloud()
    const { address, router } = await twoGroups(cloud)
    await router.prepare(fleet(), 'next', call())
    await router.join(fleet(), 'next', 'next', call())
    await router.setWeights(fleet(), { web: 100 }, { web: 50, next: 50 }, call())
    const pid = () =>
      (JSON.parse(readFileSync(pathsOf(cloud.home).state, 'utf8')) as { balancer?: { process?: { pid: number } } }).balancer
        ?.process?.pid
    const killed = pid() ?? expect.fail('no balancer')
    process.kill(killed, 'SIGKILL')
    await until('it answers again', async () => (await fetch(address).catch(() => undefined))?.status === 200)
    expect(pid()).not.toBe(killed)
    expect(await versions(address, 10)).toEqual({ 1: 5, 2: 5 })
    await killDaemon(cloud)
    expect(await versions(address, 10)).toEqual({ 1: 5, 2: 5 })
    // The first question may still go to the daemon that was killed.
    const shift = () => router.setWeights(fleet(), { web: 50, next: 50 }, { web: 100 }, call()).then(() => true, isUnknown)
    await until('the weights are set', shift)
    expect(await versions(address, 10)).toEqual({ 1: 10 })
  })
})

describe('metrics', () => {
  const now = () => ({ from: Date.now() - 60_000, until: Date.now() + 1_000 })
  const { signal } = new AbortController()
  const of = (binding: string) => ({ group: binding, binding, release: 'r-000000000000' })

  test('are numbers of one binding; no requests are no numbers', async () => {
    const cloud = temporaryCloud()
    const { address, router } = await twoGroups(cloud, { VERSION: '2', FAIL_SHARE: '0.5' })
    await router.prepare(fleet(), 'next', call())
    await router.join(fleet(), 'next', 'next', call())
    const metrics = localMetrics(cloud)
    const read = (query: string, binding: string) => metrics.read({ query, subject: of(binding), ...now() }, { signal })
    expect(await read('error-rate', 'next')).toEqual([])
    await router.setWeights(fleet(), { web: 100 }, { web: 50, next: 50 }, call())
    for (let sent = 0; sent < 40; sent++) await (await fetch(address)).text()
    expect(await read('error-rate', 'web')).toEqual([{ at: expect.any(Number), value: 0 }])
    expect(await read('error-rate', 'next')).toEqual([{ at: expect.any(Number), value: 0.5 }])
    expect((await read('request-rate', 'next'))[0]?.value).toBeGreaterThan(0)
    expect((await read('latency-p99', 'next'))[0]?.value).toBeGreaterThan(0)
    await expect(read('errors', 'next')).rejects.toMatchObject({
      code: 'name-unknown',
      facts: { known: ['error-rate', 'request-rate', 'latency-p99'] },
    })
  })

  test('of a pool that groups share say nothing about one of them', async () => {
    const cloud = temporaryCloud()
    const { address, router } = await twoGroups(cloud)
    await router.join(fleet(), 'web', 'next', call())
    await (await fetch(address)).text()
    expect(await localMetrics(cloud).read({ query: 'error-rate', subject: of('web'), ...now() }, { signal })).toEqual([])
  })
})
