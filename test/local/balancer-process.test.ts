import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BalancerState } from '../../providers/local/balancer/table.ts'
import {
  deadPort,
  folder,
  pool,
  startBalancer,
  startInstance,
  startNamed,
  table,
  until,
  type BalancerProcess,
} from './balancer-kit.ts'

async function stateOf({ control }: BalancerProcess): Promise<BalancerState> {
  return (await control('GET', '/state')).body as BalancerState
}

async function portOf(balancer: BalancerProcess): Promise<number> {
  return (await stateOf(balancer)).services['web']?.address?.port as number
}

describe('the table', () => {
  test('is in effect when it is answered, and the socket is its owner’s alone', async () => {
    await using home = await folder()
    await using instance = await startNamed('hello')
    await using balancer = await startBalancer(home.path)
    expect(await stateOf(balancer)).toEqual({ version: 0, services: {} })
    expect((await balancer.control('PUT', '/table', table(7, [pool('a', 1, instance.port)]))).body).toEqual({ version: 7 })
    expect(await (await fetch(`http://127.0.0.1:${await portOf(balancer)}/`)).text()).toBe('hello')
    expect((await stat(join(home.path, 'run', 'balancer.sock'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(home.path, 'balancer', 'table.json'))).mode & 0o777).toBe(0o600)
  })

  test('that is malformed, older or cannot be stored is refused, and the one before stays', async () => {
    await using home = await folder()
    await using balancer = await startBalancer(home.path)
    await balancer.control('PUT', '/table', table(5, [pool('a', 1)]))
    const malformed = await balancer.control('PUT', '/table', { version: -1, services: [{}] })
    expect(malformed.status).toBe(400)
    expect((malformed.body as { facts: { problems: unknown[] } }).facts.problems.length).toBeGreaterThan(3)
    expect(await balancer.control('PUT', '/table', 'no json')).toMatchObject({ status: 400, body: { code: 'not-json' } })
    expect(await balancer.control('PUT', '/table', table(4, []))).toMatchObject({ status: 409, body: { version: 5 } })
    await rm(join(home.path, 'balancer'), { recursive: true })
    await writeFile(join(home.path, 'balancer'), 'in the way')
    expect(await balancer.control('PUT', '/table', table(6, []))).toMatchObject({ status: 507, body: { code: 'not-stored' } })
    expect(Object.keys((await stateOf(balancer)).services['web']?.pools ?? {})).toEqual(['a'])
    expect((await stateOf(balancer)).version).toBe(5)
  })

  test('is served again after kill -9, on the same port', async () => {
    await using home = await folder()
    await using instance = await startNamed('hello')
    const port = await deadPort()
    {
      await using killed = await startBalancer(home.path)
      await killed.control('PUT', '/table', table(3, [pool('a', 1, instance.port)], port))
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
    }
    await using again = await startBalancer(home.path)
    await until(async () => (await stateOf(again)).services['web']?.listening === true)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello')
    expect((await stateOf(again)).version).toBe(3)
  })

  test('with a port in use says so, serves the rest, and gets the port when it is free', async () => {
    await using home = await folder()
    await using instance = await startNamed('hello')
    await using balancer = await startBalancer(home.path)
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as AddressInfo
    const [web] = table(1, [pool('a', 1, instance.port)], port).services
    const both = [web, { ...web, name: 'other', listen: { host: '127.0.0.1', port: 0 } }]
    await balancer.control('PUT', '/table', { version: 1, services: both })
    const { services } = await stateOf(balancer)
    expect(services['web']).toMatchObject({ listening: false, error: expect.stringContaining('EADDRINUSE') })
    expect(await (await fetch(`http://127.0.0.1:${services['other']?.address?.port}/`)).text()).toBe('hello')
    holder.close()
    await until(async () => (await stateOf(balancer)).services['web']?.listening === true)
    expect((await stateOf(balancer)).services['web']?.error).toBeUndefined()
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('hello')
  })
})

describe('the process', () => {
  test('stops when told: finishes what is under way, then ends', async () => {
    let finish: () => void = () => undefined
    await using home = await folder()
    await using instance = await startInstance((_request, response) => {
      response.write('first ')
      finish = () => void response.end('last')
    })
    await using balancer = await startBalancer(home.path)
    await balancer.control('PUT', '/table', table(1, [pool('a', 1, instance.port)]))
    const port = await portOf(balancer)
    const answer = await fetch(`http://127.0.0.1:${port}/`)
    expect((await balancer.control('POST', '/stop')).status).toBe(202)
    await until(() =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => false,
        () => true,
      ),
    )
    finish()
    expect(await answer.text()).toBe('first last')
    await until(() => balancer.child.exitCode !== null)
    expect(balancer.child.exitCode).toBe(0)
  })

  test('leaves the socket to the one that is there', async () => {
    await using home = await folder()
    await using balancer = await startBalancer(home.path)
    const [main, ...rest] = balancer.child.spawnargs.slice(1) as [string, ...string[]]
    const second = spawn(process.execPath, [main, ...rest], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    second.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const [code] = (await once(second, 'close')) as [number]
    expect([code, said]).toEqual([3, expect.stringContaining('Another balancer answers')])
    expect((await stateOf(balancer)).version).toBe(0)
  })

  test('ends when its run folder is gone, so that nothing outlives its owner', async () => {
    await using home = await folder()
    await using balancer = await startBalancer(home.path)
    await rm(join(home.path, 'run'), { recursive: true })
    await until(() => balancer.child.exitCode !== null)
    expect(balancer.child.exitCode).toBe(0)
  })

  test('puts a stored table that it cannot read aside, and says so', async () => {
    await using home = await folder()
    {
      await using first = await startBalancer(home.path)
      await first.control('PUT', '/table', table(2, []))
    }
    const file = join(home.path, 'balancer', 'table.json')
    await writeFile(file, '{"version":')
    await using balancer = await startBalancer(home.path)
    expect((await stateOf(balancer)).version).toBe(0)
    expect((await stat(`${file}.bad`)).isFile()).toBe(true)
  })
})
