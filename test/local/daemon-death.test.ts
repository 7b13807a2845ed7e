import { chmodSync, existsSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pathsOf } from '../../providers/local/paths.ts'
import { processesOf, servingBalancer } from '../kills/processes.ts'
import {
  createWeb,
  daemonPid,
  fixture,
  groupOf,
  healthy,
  isAlive,
  isUnknown,
  killDaemon,
  pidsOf,
  serving,
  temporaryCloud,
  until,
} from './support.ts'

/** Processes whose working folder is in the home: every instance is among them, whoever knows of it. */
function processesIn(home: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(join(home, 'images'))
      } catch {
        // It has ended, or is somebody else's.
        return false
      }
    })
}

describe('a daemon that is killed', () => {
  test('leaves instances and balancer serving, and its successor goes on with them', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud)
    const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    const before = await serving(cloud, 2, address)
    await killDaemon(cloud)
    expect((await fetch(address)).status).toBe(200)
    expect(await daemonPid(cloud)).toBeUndefined()
    const after = await healthy(cloud, 2)
    expect(await pidsOf(after)).toEqual(await pidsOf(before))
    expect(after.failures.count).toBe(0)
    expect((await fetch(address)).status).toBe(200)
  })

  test('again and again while a group grows leaves nothing doubled, lost or orphaned', async ({ skip }) => {
    if (process.platform !== 'linux') skip('needs /proc to find processes that nobody knows of')
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    for (const [round, size] of [2, 4, 6, 8].entries()) {
      // The kernel may still take a connection for a daemon that is just ending; then nobody knows, and it is said again.
      await until(`the size is ${size}`, async () => await cloud.groups.resize('web', size).then(() => true, isUnknown))
      // Spread over the time in which instances are decided on, stored, forked and identified.
      await sleep(round * 12)
      await killDaemon(cloud)
    }
    const group = await healthy(cloud, 8)
    const known = await pidsOf(group)
    expect(new Set(known).size).toBe(8)
    await until('only those run', () => processesIn(cloud.home).length === 8)
    expect(new Set(processesIn(cloud.home))).toEqual(new Set(known))
  })

  test('finishes what it had begun to remove', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 3 })
    const pids = await pidsOf(await healthy(cloud, 3))
    await cloud.groups.resize('web', 1)
    await killDaemon(cloud)
    const [survivor = 0] = await pidsOf(await healthy(cloud, 1))
    expect(pids).toContain(survivor)
    await until('the others are gone', () => pids.filter(isAlive).length === 1)
  })

  test('notices which instances ended meanwhile', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud)
    const [pid = 0] = await pidsOf(await healthy(cloud, 2))
    await killDaemon(cloud)
    process.kill(pid, 'SIGKILL')
    await until('it is gone', () => !isAlive(pid))
    await until('a failure is counted', async () => (await groupOf(cloud))?.failures.count === 1)
    await healthy(cloud, 2)
  })
})

describe('afterwards', () => {
  test('destroy leaves no process, port or file, also of a cloud whose daemon is dead', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { stop: { graceMs: 300 } })
    const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    const group = await serving(cloud, 2, address)
    const pids = await pidsOf(group)
    const stream = (await fetch(`${address}/stream`)).text().catch(() => 'cut')
    await killDaemon(cloud)
    await cloud.destroy()
    expect(await stream).toBe('cut')
    expect(pids.filter(isAlive)).toEqual([])
    expect(existsSync(cloud.home)).toBe(false)
    for (const url of [address, ...group.instances.map((one) => one.address ?? '')]) await expect(fetch(url)).rejects.toThrow()
    await cloud.destroy()
  })

  test('shutdown ends all, keeps the images, and the cloud can be used again', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1 })
    const [pid = 0] = await pidsOf(await healthy(cloud, 1))
    const daemon = (await daemonPid(cloud)) ?? expect.fail('no daemon')
    await cloud.shutdown()
    expect([pid, daemon].filter(isAlive)).toEqual([])
    expect(await cloud.images.list()).toHaveLength(1)
    expect(await cloud.groups.list()).toEqual([])
    await createWeb(cloud, { size: 1 })
    await healthy(cloud, 1)
  })

  test('a home that was deleted by hand takes its processes with it', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud)
    const pids = await pidsOf(await healthy(cloud, 2))
    const daemon = (await daemonPid(cloud)) ?? expect.fail('no daemon')
    const paths = pathsOf(cloud.home)
    chmodSync(join(paths.images, (await cloud.images.list())[0]?.ref.id ?? ''), 0o700)
    rmSync(cloud.home, { recursive: true, force: true })
    await until('all has ended', () => [...pids, daemon].filter(isAlive).length === 0)
    expect(existsSync(fixture('web'))).toBe(true)
  })
})

describe('a balancer that stands by', () => {
  const linux = process.platform === 'linux'

  test('takes the place of one that was killed, with its table', async ({ skip }) => {
    if (!linux) skip('needs /proc to find the one that stands by')
    const cloud = temporaryCloud()
    await createWeb(cloud)
    const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    await healthy(cloud, 2)
    const first = await servingBalancer(cloud.home)
    const spare = await until('one stands by', async () => (await processesOf(cloud.home)).balancer.find((pid) => pid !== first))
    process.kill(first, 'SIGKILL')
    await until('it answers again', async () => (await fetch(address).catch(() => undefined))?.status === 200)
    expect(await servingBalancer(cloud.home)).toBe(spare)
    // From now on it lives without the daemon, as the first one did.
    await killDaemon(cloud)
    expect((await fetch(address)).status).toBe(200)
  })

  test('ends with the daemon that could have called it', async ({ skip }) => {
    if (!linux) skip('needs /proc to find the one that stands by')
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
    await until('one stands by', async () => (await processesOf(cloud.home)).balancer.length === 2)
    await killDaemon(cloud)
    await until('only the serving one is there', async () => (await processesOf(cloud.home)).balancer.length === 1)
  })
})
