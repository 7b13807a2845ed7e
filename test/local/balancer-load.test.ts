import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { buildImage, WEB, type ImageRecipe } from '../../examples/images/build.ts'
import type { Outcome } from '../../examples/load/ask.ts'
import type { Summary } from '../../examples/load/tally.ts'
import type { TableTarget } from '../../providers/local/balancer/table.ts'
import { deadPort, serve, startInstance, startSocket, table, targetState, until } from './balancer-kit.ts'

const LOAD = fileURLToPath(new URL('../../examples/load/main.ts', import.meta.url))
const clean: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const one of clean.splice(0).toReversed()) await one()
})

interface Load {
  readonly child: ChildProcess
  readonly failures: Outcome[]
  readonly summaries: (Summary & { readonly openStreams: number })[]
  /** Ends it as the death of its parent would. */
  end(): Promise<Summary>
}

function startLoad(port: number, ...args: string[]): Load {
  // A rate that a busy machine keeps up with: what is counted here is requests, whenever they come.
  const url = ['--url', `http://127.0.0.1:${port}`, '--rate', '100']
  const child = spawn(process.execPath, [LOAD, ...url, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const failures: Load['failures'] = []
  const summaries: Load['summaries'] = []
  let total: Summary | undefined
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line)
    if (said.total !== undefined) total = said.total
    else if (said.kind !== undefined) failures.push(said)
    else summaries.push(said)
  })
  clean.push(() => (child.kill('SIGKILL'), exited))
  const end = async () => {
    child.stdin.end()
    expect(await exited).toEqual([0, null])
    await until(() => total !== undefined)
    return total as Summary
  }
  return { child, failures, summaries, end }
}

async function requests(load: Load, count: number): Promise<void> {
  const before = load.summaries.length
  await until(() => load.summaries.slice(before).reduce((sum, one) => sum + one.requests, 0) >= count)
}

async function startImage(recipe: ImageRecipe, instance: string) {
  const image = await buildImage(WEB, recipe)
  clean.push(() => rm(image, { recursive: true }))
  const port = await deadPort()
  const env = { PORT: String(port), INSTANCE_ID: instance }
  const child = spawn(process.execPath, [join(image, 'server.mjs')], { env, stdio: 'inherit' })
  const exited = once(child, 'exit')
  clean.push(() => (child.kill('SIGKILL'), exited))
  await until(() =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      (answer) => answer.ok,
      () => false,
    ),
  )
  const row = (state: TableTarget['state'] = 'in'): TableTarget => ({ instance: `i${port}`, host: '127.0.0.1', port, state })
  return { port, row, child, exited }
}

describe('under load', () => {
  test('weights go from 0 to 100 and the old instances are drained and ended without a failed request', async () => {
    const [one, two, next] = await Promise.all([
      startImage({ label: 'v1' }, 'one'),
      startImage({ label: 'v1' }, 'two'),
      startImage({ label: 'v2' }, 'next'),
    ])
    const pools = (weight: number, state: TableTarget['state'] = 'in') => [
      { binding: 'stable', weight: 100 - weight, targets: [one.row(state), two.row(state)] },
      { binding: 'candidate', weight, targets: [next.row()] },
    ]
    await using served = await serve(...pools(0))
    const load = startLoad(served.port, '--stream-duration', '500', '--report-every', '50')
    await requests(load, 100)
    for (const [index, weight] of [5, 25, 50, 75, 100].entries()) {
      await served.balancer.apply(table(index + 2, pools(weight)))
      await requests(load, 60)
    }
    await served.balancer.apply(table(10, pools(100, 'draining')))
    for (const old of [one, two]) {
      await until(() => targetState(served.balancer.state(), 'stable', old.port)?.inFlight === 0)
      old.child.kill('SIGTERM')
      expect(await old.exited).toEqual([0, null])
    }
    await requests(load, 100)
    const total = await load.end()
    expect(load.failures).toEqual([])
    expect(total.failed).toBe(0)
    expect(total.byImage['v1']?.requests).toBeGreaterThan(100)
    expect(total.byImage['v2']?.requests).toBeGreaterThan(100)
    expect(Math.max(...load.summaries.map((summary) => summary.openStreams))).toBe(4)
  })

  test('a broken image fails for its share alone', async () => {
    const [good, broken] = await Promise.all([
      startImage({ label: 'v1' }, 'good'),
      startImage({ label: 'v2', behaviour: { failShare: 0.5 } }, 'broken'),
    ])
    await using served = await serve(
      { binding: 'stable', weight: 90, targets: [good.row()] },
      { binding: 'candidate', weight: 10, targets: [broken.row()] },
    )
    const load = startLoad(served.port, '--streams', '0', '--report-every', '50')
    await requests(load, 400)
    const { requests: sent, byImage } = await load.end()
    expect(byImage['v1']?.failed).toBe(0)
    expect(byImage['v2']?.requests).toBeLessThanOrEqual(sent * 0.1 + 2)
    expect(byImage['v2']?.failed).toBeGreaterThan(10)
    expect(load.failures.every((one) => one.image === 'v2' && one.status === 500)).toBe(true)
  })
})

describe('the load', () => {
  test('calls a wrong echo, a cut and a status what they are, and asks nothing twice', async () => {
    const asked: (string | undefined)[] = []
    await using instance = await startInstance((request, response) => {
      asked.push(request.method)
      request.resume()
      response.setHeader('x-image', 'odd')
      if (request.url?.startsWith('/stream')) response.writeHead(200).write('x', () => response.destroy())
      else if (request.method === 'POST') response.end('not what you said')
      else response.writeHead(404).end()
    })
    const load = startLoad(instance.port, '--streams', '1', '--report-every', '50')
    await requests(load, 50)
    const total = await load.end()
    expect(total.failed).toBe(total.requests)
    const whys = (kind: string) => new Set(load.failures.filter((one) => one.kind === kind).map((one) => one.why))
    expect(whys('post')).toEqual(new Set(['the echoed body is not the one that was sent']))
    expect(whys('get')).toEqual(new Set(['status 404']))
    expect([...whys('stream')].join()).toMatch(/^cut/)
    expect(asked.length - total.requests).toBeLessThan(40)
    const posts = asked.filter((method) => method === 'POST').length / asked.length
    expect(Math.abs(posts - 0.5)).toBeLessThan(0.1)
  })

  test('gives an answer five seconds and no more', async () => {
    await using instance = await startSocket(() => undefined)
    const load = startLoad(instance.port, '--rate', '20', '--streams', '0')
    await until(() => load.failures.length > 0)
    await load.end()
    expect(load.failures[0]).toMatchObject({ why: 'took too long' })
  })

  test('ends on a signal, whatever is under way', async () => {
    await using instance = await startSocket(() => undefined)
    const load = startLoad(instance.port)
    await until(() => load.summaries.length > 0)
    const exited = once(load.child, 'exit')
    load.child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  })
})
