import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { local, type LocalCloud } from '../../providers/local/index.ts'
import { tryLock } from '../../providers/local/lock.ts'
import { makeFolders, pathsOf } from '../../providers/local/paths.ts'
import { HEADERS, PROTOCOL } from '../../providers/local/protocol.ts'
import { askSocket } from '../../providers/local/socket.ts'
import { processesOf } from '../kills/processes.ts'
import { call, createWeb, daemonPid, fleet, groupOf, healthy, isAlive, temporaryCloud, temporaryHome } from './support.ts'

describe('starting', () => {
  test('by several clients at once makes one daemon', async () => {
    const home = temporaryHome()
    const clients = Array.from({ length: 4 }, () => local({ home }))
    onTestFinished(() => clients[0]?.destroy())
    await Promise.all(clients.map((cloud) => cloud.groups.list()))
    const daemons = await Promise.all(clients.map(daemonPid))
    expect(new Set(daemons).size).toBe(1)
    expect(daemons[0]).toBeTypeOf('number')
  })

  test('by several processes at once makes one daemon', async () => {
    const cloud = temporaryCloud()
    const script = `const { local } = await import(${JSON.stringify(new URL('../../providers/local/index.ts', import.meta.url).href)})
      await local({ home: ${JSON.stringify(cloud.home)} }).groups.list()`
    const exits = Array.from({ length: 3 }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
      return (await once(child, 'exit'))[0] as number
    })
    expect(await Promise.all(exits)).toEqual([0, 0, 0])
    expect(await tryLock(pathsOf(cloud.home).daemonLock)).toBeUndefined()
  })

  test('works where the home is too long for a socket', async () => {
    const home = join(temporaryHome(), 'x'.repeat(90))
    const cloud = temporaryCloud(home)
    expect(await cloud.groups.list()).toEqual([])
    const { run } = pathsOf(home)
    expect(run.startsWith(tmpdir())).toBe(true)
    await cloud.destroy()
    expect(existsSync(run)).toBe(false)
  })

  test('by a process that then ends leaves the daemon alive and the process free to end', async () => {
    const cloud = temporaryCloud()
    const script = `const { local } = await import(${JSON.stringify(new URL('../../providers/local/index.ts', import.meta.url).href)})
      await local({ home: ${JSON.stringify(cloud.home)} }).groups.list()`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
    expect((await once(child, 'exit'))[0]).toBe(0)
    expect(await daemonPid(cloud)).toBeTypeOf('number')
  })

  test('is refused by name where the platform is not one of the two', async () => {
    const cloud = local({ home: temporaryHome() })
    const platform = Object.getOwnPropertyDescriptor(process, 'platform') ?? {}
    Object.defineProperty(process, 'platform', { ...platform, value: 'win32' })
    onTestFinished(() => void Object.defineProperty(process, 'platform', platform))
    await expect(cloud.groups.list()).rejects.toMatchObject({ code: 'host-unfit', message: expect.stringContaining('win32') })
  })

  test('says why when the daemon cannot start', async () => {
    const cloud = temporaryCloud()
    makeFolders(pathsOf(cloud.home))
    writeFileSync(pathsOf(cloud.home).state, JSON.stringify({ format: 2 }))
    onTestFinished(() => rmSync(pathsOf(cloud.home).state))
    await expect(cloud.groups.list()).rejects.toMatchObject({
      code: 'host-unfit',
      message: expect.stringContaining('has format 2'),
    })
  })

  test('closes a home that others could look into', async () => {
    const cloud = temporaryCloud()
    mkdirSync(cloud.home, { recursive: true })
    chmodSync(cloud.home, 0o755)
    await cloud.groups.list()
    for (const folder of [cloud.home, pathsOf(cloud.home).run]) expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(pathsOf(cloud.home).daemonSocket).mode & 0o077).toBe(0)
  })
})

describe('the protocol', () => {
  /** Somebody else on the daemon's socket. */
  async function impostor(answer: (socketPath: string) => ReturnType<typeof createSocketServer>): Promise<LocalCloud> {
    const home = temporaryHome()
    const paths = pathsOf(home)
    makeFolders(paths)
    const server = answer(paths.daemonSocket).listen(paths.daemonSocket)
    await once(server, 'listening')
    // Whoever replaced the impostor goes first, the impostor's own socket file last.
    onTestFinished(async () => {
      server.close()
      await local({ home }).destroy()
    })
    return local({ home })
  }

  test('of another version is refused by the client', async () => {
    const cloud = await impostor(() =>
      createServer((_request, response) => response.writeHead(200, { [HEADERS.protocol]: '99' }).end('{}')),
    )
    const refusal = { code: 'host-unfit', message: expect.stringMatching(/speaks protocol 99, this imago speaks 1/) }
    await expect(cloud.groups.list()).rejects.toMatchObject(refusal)
    await expect(cloud.retire(fleet(), 'web', call())).rejects.toMatchObject(refusal)
  })

  test('of another version is refused by the daemon, which says its own', async () => {
    const cloud = temporaryCloud()
    await cloud.groups.list()
    const answer = await askSocket({
      socket: pathsOf(cloud.home).daemonSocket,
      method: 'POST',
      path: '/call/group.list',
      headers: { [HEADERS.protocol]: '0' },
      body: {},
      timeoutMs: 5_000,
    })
    expect(answer).toMatchObject({ status: 426, body: { protocol: PROTOCOL } })
  })

  test('makes a change unknown when the daemon dies over it', async () => {
    const cloud = await impostor(() => createSocketServer((socket) => socket.on('data', () => socket.destroy())))
    await expect(cloud.retire(fleet(), 'web', call())).rejects.toMatchObject({ code: 'call-failed', facts: { class: 'unknown' } })
    // A look is harmless to repeat: it is put to the daemon that is started in place of the dead one.
    await expect(cloud.groups.list()).resolves.toEqual([])
  })

  test('makes a change unknown when its caller lets go', async () => {
    const letGo = new AbortController()
    const cloud = await impostor(() => createSocketServer((socket) => void socket.once('data', () => letGo.abort())))
    const lost = cloud.retire(fleet(), 'web', { signal: letGo.signal, token: 't' })
    await expect(lost).rejects.toMatchObject({ code: 'call-failed', facts: { class: 'unknown' } })
  })

  test('lets no change land after its time', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    const answer = await askSocket({
      socket: pathsOf(cloud.home).daemonSocket,
      method: 'POST',
      path: '/call/group.resize',
      headers: { [HEADERS.protocol]: String(PROTOCOL), [HEADERS.expiresAt]: String(Date.now() - 1) },
      body: { name: 'web', size: 5 },
      timeoutMs: 5_000,
    })
    expect(answer).toMatchObject({ status: 400, body: { facts: { class: 'transient' } } })
    expect(Object.values((await groupOf(cloud))?.sizes ?? {})).toEqual([0])
  })
})

test('a full disk refuses a change clearly, loses nothing, and is got over', async ({ skip }) => {
  if (!existsSync('/dev/full')) skip('needs /dev/full to write to a full disk')
  const cloud = temporaryCloud()
  await createWeb(cloud, { size: 1 })
  await healthy(cloud, 1)
  const before = readFileSync(join(cloud.home, 'state.json'), 'utf8')
  symlinkSync('/dev/full', join(cloud.home, 'state.json.new'))
  await expect(cloud.groups.resize('web', 2)).rejects.toMatchObject({
    code: 'call-failed',
    facts: { class: 'capacity', native: 'ENOSPC' },
    message: expect.stringContaining('is full; nothing was changed'),
  })
  expect(readFileSync(join(cloud.home, 'state.json'), 'utf8')).toBe(before)
  await cloud.groups.resize('web', 2)
  await healthy(cloud, 2)
})

describe('kill -9', () => {
  test('of daemons that are just starting only delays', async ({ skip }) => {
    if (process.platform !== 'linux') skip('needs /proc to find a daemon that does not answer yet')
    const cloud = temporaryCloud()
    const listed = cloud.groups.list()
    const ended = listed.then(() => true)
    const killed = new Set<number>()
    while (killed.size < 3 && !(await Promise.race([ended, sleep(1, false)]))) {
      for (const pid of (await processesOf(cloud.home)).daemon) {
        if (!killed.has(pid) && isAlive(pid)) process.kill(pid, 'SIGKILL')
        killed.add(pid)
      }
    }
    expect(await listed).toEqual([])
    expect(killed.size).toBeGreaterThan(0)
  })

  test('of a client that was starting a daemon leaves no lock behind', async () => {
    const cloud = temporaryCloud()
    const paths = pathsOf(cloud.home)
    makeFolders(paths)
    const lock = new URL('../../providers/local/lock.ts', import.meta.url).href
    const program = `import { tryLock } from '${lock}'
      console.log(await tryLock('${paths.startLock}') !== undefined)
      setInterval(() => undefined, 1_000)`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
    expect(String((await once(holder.stdout, 'data'))[0])).toBe('true\n')
    expect(await tryLock(paths.startLock)).toBeUndefined()
    const exited = once(holder, 'exit')
    holder.kill('SIGKILL')
    await exited
    expect(await cloud.groups.list()).toEqual([])
  })
})
