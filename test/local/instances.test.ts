import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { call, createWeb, fleet, groupOf, healthy, heldStreams, isAlive, pidsOf, temporaryCloud, until } from './support.ts'

describe('instances', () => {
  test('run in sessions and on ports of their own, with only the environment they were given', async () => {
    process.env['IMAGO_TEST_SECRET'] = 'not for instances'
    onTestFinished(() => void delete process.env['IMAGO_TEST_SECRET'])
    const cloud = temporaryCloud()
    await createWeb(cloud, { env: { GREETING: 'hello' }, zones: ['a', 'b'] })
    const group = await healthy(cloud, 2)
    expect(new Set(group.instances.map((one) => one.address)).size).toBe(2)
    expect(new Set(group.instances.map((one) => one.zone))).toEqual(new Set(['a', 'b']))
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
    const streams = heldStreams()
    await createWeb(cloud, { size: 1, env: streams.env, stop: { graceMs: 60_000 } })
    const group = await healthy(cloud, 1)
    const stream = await fetch(`${group.instances[0]?.address}/stream`)
    await cloud.groups.resize('web', 0)
    await until('it is told to stop', async () => (await groupOf(cloud))?.instances[0]?.reason === 'stopping')
    streams.end()
    expect(await stream.text()).toBe('begins ends')
    await healthy(cloud, 0)
  })

  test('that do not end when they are told to are ended', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, stop: { graceMs: 200 } })
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
    const taken = await takenPort()
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1, env: { WANTED_PORT: String(taken) } })
    await until('a failure tells of the port', async () =>
      (await groupOf(cloud))?.failures.last?.message.includes('a port was in use'),
    )
  })

  test('get ports from the given one upwards, past those that others have', async () => {
    const taken = await takenPort()
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

/** A port that something else listens on until the test has ended. */
async function takenPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}
