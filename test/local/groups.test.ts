import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { FleetTarget } from '../../src/core/ports.ts'
import type { LocalCloud } from '../../providers/local/index.ts'
import { call, createWeb, fleet, groupOf, healthy, isAlive, pidsOf, temporaryCloud, until } from './support.ts'

/** The release of the group and one that differs by its environment. */
async function releases(cloud: LocalCloud, target: FleetTarget = fleet()) {
  const look = await cloud.describe(target, call())
  const base = Object.values(look.releases)[0] ?? expect.fail('no release')
  const next = await cloud.resolve(target, { base, launch: { env: { VERSION: '2' } } }, call())
  return { base, next }
}

/** Makes a second group beside `web`, as a rollout would. */
async function cloneWeb(cloud: LocalCloud, size: number, token?: string): Promise<string> {
  const { next } = await releases(cloud)
  const { release, sealed } = next
  await cloud.ensureGroup(fleet(), { group: 'web-v001', release, sealed, like: 'web', size, rolloutId: 'shop/1' }, call(token))
  return release.id
}

describe('instances', () => {
  test('run in sessions and on ports of their own, with only the environment they were given', async () => {
    process.env['IMAGO_TEST_SECRET'] = 'not for instances'
    onTestFinished(() => void delete process.env['IMAGO_TEST_SECRET'])
    const cloud = temporaryCloud()
    await createWeb(cloud, { env: { GREETING: 'hello' }, zones: ['a', 'b'] })
    const group = await healthy(cloud, 2)
    expect(new Set(group.instances.map((one) => one.address)).size).toBe(2)
    expect(group.instances.map((one) => one.zone).toSorted()).toEqual(['a', 'b'])
    const first = group.instances[0] ?? expect.fail('no instance')
    const environment = (await (await fetch(`${first.address}/env`)).json()) as Record<string, string>
    expect(environment).toMatchObject({ GREETING: 'hello', INSTANCE_ID: first.id, PORT: new URL(first.address ?? '').port })
    // A shell adds a few of its own on its way.
    const more = Object.keys(environment).filter(
      (name) => !/^(?:GREETING|INSTANCE_ID|PORT|PATH|TMPDIR|PWD|OLDPWD|SHLVL|_)$/.test(name),
    )
    expect(more.filter((name) => !name.startsWith('__CF'))).toEqual([])
    expect(readFileSync(join(cloud.home, 'logs', `${first.id}.log`), 'utf8')).toBe('')
  })

  test('come and go with the size; those that serve stay', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1 })
    const before = await healthy(cloud, 1)
    await cloud.groups.resize('web', 3)
    const grown = await healthy(cloud, 3)
    await cloud.groups.resize('web', 1)
    const after = await healthy(cloud, 1)
    expect(after.instances[0]?.id).toBe(before.instances[0]?.id)
    expect(Number(after.version)).toBe(Number(grown.version) + 1)
  })

  test('get SIGTERM and time to finish', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, env: { STREAM_MS: '1500' } })
    const group = await healthy(cloud, 1)
    const stream = await fetch(`${group.instances[0]?.address}/stream`)
    await cloud.groups.resize('web', 0)
    expect((await stream.text()).trim().split('\n')).toHaveLength(10)
    await healthy(cloud, 0)
  })

  test('that do not end when they are told to are ended', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, env: { STREAM_MS: '60000' }, stop: { graceMs: 200 } })
    const group = await healthy(cloud, 1)
    const [pid = 0] = await pidsOf(group)
    const stream = await fetch(`${group.instances[0]?.address}/stream`)
    await cloud.groups.resize('web', 0)
    await expect(stream.text()).rejects.toThrow()
    await until('the process is gone', () => !isAlive(pid))
  })

  test('that die are replaced, and counted with the reason', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud)
    const before = await healthy(cloud, 2)
    const [pid = 0] = await pidsOf(before)
    process.kill(pid, 'SIGKILL')
    await until('a failure is counted', async () => (await groupOf(cloud))?.failures.count === 1)
    const after = await healthy(cloud, 2)
    expect(after.failures.last).toEqual({ class: 'transient', message: expect.stringContaining('was ended by SIGKILL') })
    const survivors = after.instances.filter((one) => before.instances.some(({ id }) => id === one.id))
    expect(survivors).toHaveLength(1)
    expect(new Set(after.instances.map((one) => one.release))).toEqual(new Set([before.release]))
  })

  test('that end by themselves are started again less and less often', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, env: { CRASH_AFTER_MS: '1' } })
    const group = await until('it died four times', async () => {
      const found = await groupOf(cloud)
      return found !== undefined && found.failures.count >= 4 && found
    })
    expect(group.failures.last?.message).toMatch(/exited with code 7; its log is /)
    // 250 + 500 + 1000 ms lie between four deaths.
    const { mtimeMs } = statSync(join(cloud.home, 'templates'))
    expect(Date.now() - mtimeMs).toBeGreaterThan(1_750)
  })

  test('whose port is taken say so', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const taken = (server.address() as AddressInfo).port
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, env: { WANTED_PORT: String(taken) } })
    await until('a failure tells of the port', async () =>
      (await groupOf(cloud))?.failures.last?.message.includes('a port was in use'),
    )
  })

  test('get ports from the given one upwards, past those that others have', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const taken = (server.address() as AddressInfo).port
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, port: taken })
    const [one] = (await healthy(cloud, 1)).instances
    expect(Number(new URL(one?.address ?? '').port)).toBeGreaterThan(taken)
  })

  test('whose program is not there are counted as impossible', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, command: ['./no-such-program'] })
    const failures = await until('it failed', async () => {
      const found = (await groupOf(cloud))?.failures
      return found !== undefined && found.count > 0 && found
    })
    expect(failures.last).toEqual({ class: 'invalid', message: expect.stringContaining('its command was not found') })
  })

  test('that never get healthy start, then are unhealthy with what they answered', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, {
      size: 1,
      env: { NEVER_HEALTHY: '1' },
      health: { path: '/health', interval: '50ms', startup: '700ms' },
    })
    const start = await until('it was asked', async () =>
      (await groupOf(cloud))?.instances.find((one) => one.reason?.includes('503')),
    )
    expect(start).toMatchObject({ reason: 'GET /health: answered 503' })
    await until('it is unhealthy', async () => (await groupOf(cloud))?.instances[0]?.state === 'unhealthy')
    expect((await groupOf(cloud))?.failures).toMatchObject({
      count: 1,
      last: { message: expect.stringContaining('answered 503') },
    })
  })

  test('without a health path are healthy once they ran for a while', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, health: { interval: '50ms' } })
    await healthy(cloud, 1)
    expect((await cloud.describe(fleet(), call())).facts.health).toEqual(['running'])
  })
})

describe('a fleet', () => {
  test('is found by its marks once they are there, whatever a script names it after', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1 })
    const first = await cloud.describe(fleet(), call())
    await cloneWeb(cloud, 1)
    const ids = await Promise.all(
      [fleet(), fleet({ kind: 'clone', adopt: 'web-v001' }), { ...fleet(), id: first.fleet }].map(async (target) => {
        const look = await cloud.describe(target, call())
        return [look.fleet, look.groups.map((group) => group.id)]
      }),
    )
    for (const found of ids) expect(found).toEqual([first.fleet, ['web', 'web-v001']])
  })

  test('that is not there is not-found, and another cloud’s is not mistaken for it', async () => {
    const cloud = temporaryCloud()
    const missing = { code: 'call-failed', facts: { class: 'not-found' } }
    await expect(cloud.describe(fleet(), call())).rejects.toMatchObject(missing)
    await createWeb(cloud, { size: 0 })
    await expect(cloud.describe({ ...fleet(), id: 'local:000000000000/web' }, call())).rejects.toMatchObject(missing)
  })

  test('keeps its secrets in owner-only templates', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, env: { KEY: 'hunter2' } })
    const look = await cloud.describe(fleet(), call())
    expect(JSON.stringify(look)).not.toContain('hunter2')
    expect(readFileSync(join(cloud.home, 'state.json'), 'utf8')).not.toContain('hunter2')
    expect(statSync(cloud.home).mode & 0o777).toBe(0o700)
    const templates = readdirSync(join(cloud.home, 'templates'))
    expect(templates).toEqual([`${Object.values(look.releases)[0]?.template}.json`])
    expect(statSync(join(cloud.home, 'templates', templates[0] ?? '')).mode & 0o777).toBe(0o600)
  })
})

describe('ensureGroup', () => {
  test('makes a group once, marked with its rollout; another release under its name is a conflict', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, max: 4, zones: ['a'] })
    const release = await cloneWeb(cloud, 2)
    await cloneWeb(cloud, 2)
    const group = await healthy(cloud, 2, 'web-v001')
    expect(group).toMatchObject({ release, createdBy: 'shop/1', sizes: { [release]: 2 }, max: 4, version: '1' })
    expect(group.instances[0]?.zone).toBe('a')
    const { base } = await releases(cloud)
    expect(base.id).not.toBe(release)
    const other = { group: 'web-v001', release: base, sealed: null, like: 'web', size: 2, rolloutId: 'shop/1' }
    await expect(cloud.ensureGroup(fleet(), other, call())).rejects.toMatchObject({ facts: { class: 'conflict' } })
  })

  test('needs the settings of a release that is not kept, and refuses others', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    const { next } = await releases(cloud)
    const request = { group: 'web-v001', release: next.release, like: 'web', size: 0, rolloutId: 'shop/1' }
    await expect(cloud.ensureGroup(fleet(), { ...request, sealed: null }, call())).rejects.toMatchObject({
      facts: { class: 'not-found' },
    })
    const altered = { ...(next.sealed as object), env: { VERSION: '3' } }
    await expect(cloud.ensureGroup(fleet(), { ...request, sealed: altered }, call())).rejects.toMatchObject({
      facts: { class: 'invalid' },
    })
    await cloud.ensureGroup(fleet(), { ...request, sealed: next.sealed }, call())
    await cloud.ensureGroup(fleet(), { ...request, sealed: null }, call())
  })

  test('in place sets what is launched from then on, and what dies is replaced by it', async () => {
    const cloud = temporaryCloud()
    const target = fleet({ kind: 'in-place', group: 'web' })
    await createWeb(cloud)
    const before = await healthy(cloud, 2)
    const { base, next } = await releases(cloud, target)
    const request = { group: 'web', release: next.release, sealed: next.sealed, like: 'web', size: 1, rolloutId: 'shop/1' }
    await cloud.ensureGroup(target, request, call())
    const both = await healthy(cloud, 3)
    expect(both).toMatchObject({ release: next.release.id, sizes: { [base.id]: 2, [next.release.id]: 1 } })
    const [pid = 0] = await pidsOf(before)
    process.kill(pid, 'SIGKILL')
    await until('its place is filled by the launch release', async () => (await groupOf(cloud))?.sizes[next.release.id] === 2)
    await healthy(cloud, 3)
    const victim = before.instances[1]?.id ?? ''
    await cloud.remove(target, 'web', [victim], { [base.id]: 0, [next.release.id]: 2 }, call())
    const after = await healthy(cloud, 2)
    expect(after.sizes).toEqual({ [next.release.id]: 2 })
    expect(Object.keys((await cloud.describe(target, call())).releases)).toEqual([next.release.id])
  })
})

describe('resize', () => {
  test('is conditional on the version that was read', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    const { release = '', version } = (await groupOf(cloud)) ?? expect.fail('no group')
    await cloud.resize(fleet(), 'web', { [release]: 1 }, version, call())
    await expect(cloud.resize(fleet(), 'web', { [release]: 3 }, version, call())).rejects.toMatchObject({
      facts: { class: 'conflict' },
    })
    expect((await groupOf(cloud))?.sizes).toEqual({ [release]: 1 })
  })

  test('with a token that was seen has no second effect', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    const { release = '' } = (await groupOf(cloud)) ?? expect.fail('no group')
    await cloud.resize(fleet(), 'web', { [release]: 2 }, undefined, call('t1'))
    await cloud.resize(fleet(), 'web', { [release]: 1 }, undefined, call('t2'))
    await cloud.resize(fleet(), 'web', { [release]: 2 }, undefined, call('t1'))
    expect((await groupOf(cloud))?.sizes).toEqual({ [release]: 1 })
  })

  test('is refused by class: absent, over the maximum, not a number of instances, of an unknown release', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0, max: 2 })
    const { release = '' } = (await groupOf(cloud)) ?? expect.fail('no group')
    const resize = (group: string, sizes: Record<string, number>) => cloud.resize(fleet(), group, sizes, undefined, call())
    await expect(resize('none', { [release]: 1 })).rejects.toMatchObject({ facts: { class: 'not-found' } })
    await expect(resize('web', { [release]: 3 })).rejects.toMatchObject({ facts: { class: 'quota' } })
    await expect(resize('web', { [release]: 0.5 })).rejects.toMatchObject({ facts: { class: 'invalid' } })
    await expect(resize('web', { 'r-000000000000': 1 })).rejects.toMatchObject({ facts: { class: 'invalid' } })
  })
})

describe('holds', () => {
  const claim = { kind: 'claim' as const, owner: 'shop/1', epoch: 1, expiresAt: Date.now() + 600_000, store: 's1' }

  test('of another live owner are a conflict on every group of the fleet; an expired one is not', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    await cloneWeb(cloud, 0)
    await cloud.hold(fleet(), 'web', claim, undefined, call())
    const conflict = { facts: { class: 'conflict' }, message: expect.stringContaining('shop/1') }
    await expect(cloud.hold(fleet(), 'web', { ...claim, owner: 'shop/2' }, undefined, call())).rejects.toMatchObject(conflict)
    await expect(cloud.hold(fleet(), 'web-v001', { ...claim, owner: 'shop/2' }, undefined, call())).rejects.toMatchObject(
      conflict,
    )
    await expect(cloud.hold(fleet(), 'web', { ...claim, store: 's2' }, undefined, call())).rejects.toMatchObject(conflict)
    await cloud.hold(fleet(), 'web', { ...claim, epoch: 2, expiresAt: Date.now() - 1 }, undefined, call())
    await cloud.hold(fleet(), 'web', { ...claim, owner: 'shop/2' }, undefined, call())
    expect((await groupOf(cloud))?.holds).toEqual([{ ...claim, owner: 'shop/2' }])
  })

  test('of an older epoch do not replace a newer one', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    await cloud.hold(fleet(), 'web', { ...claim, epoch: 3 }, undefined, call())
    await expect(cloud.hold(fleet(), 'web', { ...claim, epoch: 2 }, undefined, call())).rejects.toMatchObject({
      facts: { class: 'conflict' },
    })
  })

  test('raise the minimum for people, and give back what was before, also after a renewal', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 2, min: 1 })
    const hold = { ...claim, kind: 'scale-in' as const }
    await cloud.hold(fleet(), 'web', hold, 2, call())
    await cloud.hold(fleet(), 'web', { ...hold, expiresAt: hold.expiresAt + 1 }, 2, call())
    expect(await groupOf(cloud)).toMatchObject({ min: 2, holds: [{ previousMin: 1, expiresAt: hold.expiresAt + 1 }] })
    await expect(cloud.groups.resize('web', 1)).rejects.toMatchObject({
      facts: { class: 'conflict' },
      message: expect.stringContaining('shop/1'),
    })
    await cloud.release(fleet(), 'web', 'scale-in', 'somebody-else', call())
    expect((await groupOf(cloud))?.holds).toHaveLength(1)
    await cloud.release(fleet(), 'web', 'scale-in', 'shop/1', call())
    await cloud.release(fleet(), 'web', 'scale-in', 'shop/1', call())
    await cloud.release(fleet(), 'none', 'scale-in', 'shop/1', call())
    expect(await groupOf(cloud)).toMatchObject({ min: 1, holds: [] })
    await cloud.groups.resize('web', 1)
  })
})

describe('remove and retire', () => {
  test('take the instances that were named, at once out of service', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 3 })
    const group = await healthy(cloud, 3)
    const [victim, ...others] = group.instances.map((one) => one.id)
    await cloud.remove(fleet(), 'web', [victim ?? '', 'web-gone'], { [group.release]: 2 }, call())
    const states = (await groupOf(cloud))?.instances.filter((one) => one.id === victim).map((one) => one.state)
    expect(states === undefined || states.every((state) => state === 'terminating')).toBe(true)
    const after = await healthy(cloud, 2)
    expect(after.instances.map((one) => one.id).toSorted()).toEqual(others.toSorted())
    expect(after.failures.count).toBe(0)
  })

  test('delete a group with its processes; an absent one is no error', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 2 })
    const pids = await pidsOf(await healthy(cloud, 2))
    await cloud.retire(fleet(), 'web', call())
    await until('the group is gone', async () => (await groupOf(cloud)) === undefined)
    expect(pids.filter(isAlive)).toEqual([])
    await cloud.retire(fleet(), 'web', call())
    await expect(
      cloud.groups.create({ name: '../web', image: `sha256-${'0'.repeat(64)}`, size: 1, command: ['node'] }),
    ).rejects.toThrow()
  })
})
