import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
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
    const { release, version } = (await groupOf(cloud)) ?? expect.fail('no group')
    await cloud.resize(fleet(), 'web', { [release]: 1 }, version, call())
    await expect(cloud.resize(fleet(), 'web', { [release]: 3 }, version, call())).rejects.toMatchObject({
      facts: { class: 'conflict' },
    })
    expect((await groupOf(cloud))?.sizes).toEqual({ [release]: 1 })
  })

  test('with a token that was seen has no second effect', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    const { release } = (await groupOf(cloud)) ?? expect.fail('no group')
    await cloud.resize(fleet(), 'web', { [release]: 2 }, undefined, call('t1'))
    const victim = (await groupOf(cloud))?.instances[0]?.id ?? expect.fail('no instance')
    await cloud.remove(fleet(), 'web', [victim], { [release]: 1 }, call('t2'))
    await cloud.resize(fleet(), 'web', { [release]: 2 }, undefined, call('t1'))
    expect((await groupOf(cloud))?.sizes).toEqual({ [release]: 1 })
  })

  test('is refused by class: absent, over the maximum, not a number of instances, of an unknown release', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0, max: 2 })
    const { release } = (await groupOf(cloud)) ?? expect.fail('no group')
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
