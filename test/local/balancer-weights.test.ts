import { describe, expect, test } from 'vitest'
import { createPool, type Pool } from '../../providers/local/balancer/pool.ts'
import { nextPool } from '../../providers/local/balancer/route.ts'
import { deadPort, pool, serve, startNamed, table, target } from './balancer-kit.ts'

async function ask(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/`)).text()
}

async function count(port: number, requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let sent = 0; sent < requests; sent += 1) {
    const name = await ask(port)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

function weighted(...weights: number[]): Pool[] {
  return weights.map((weight, index) => ({ ...createPool(`p${index}`), weight }))
}

describe('weights', () => {
  test('are exact over 1000 requests', async () => {
    await using stable = await startNamed('stable')
    await using candidate = await startNamed('candidate')
    await using served = await serve(pool('a', 95, stable.port), pool('b', 5, candidate.port))
    expect(await count(served.port, 1_000)).toEqual({ stable: 950, candidate: 50 })
  })

  test.each([[[95, 5]], [[50, 50]], [[75, 25]], [[999, 1]], [[60, 30, 10]]])(
    'of %j never give a pool more than its share and one request, at any moment',
    (weights) => {
      const pools = weighted(...weights)
      const sum = weights.reduce((total, one) => total + one, 0)
      const given = new Map<string, number>()
      for (let requests = 1; requests <= 3 * sum; requests += 1) {
        const { binding } = nextPool(pools) as Pool
        given.set(binding, (given.get(binding) ?? 0) + 1)
        for (const one of pools) expect(given.get(one.binding) ?? 0).toBeLessThanOrEqual((requests * one.weight) / sum + 1)
      }
      expect(pools.map((one) => given.get(one.binding))).toEqual(weights.map((one) => 3 * one))
    },
  )

  test('of zero give nothing, whoever else is gone', async () => {
    await using candidate = await startNamed('candidate')
    await using served = await serve(pool('a', 100), pool('b', 0, candidate.port))
    const answer = await fetch(`http://127.0.0.1:${served.port}/`)
    expect([answer.status, answer.headers.get('x-imago-balancer')]).toEqual([503, 'no-instance'])
  })

  test('that stay the same keep their turns while instances come and go', async () => {
    await using stable = await startNamed('stable')
    await using candidate = await startNamed('candidate')
    await using served = await serve(pool('a', 75, stable.port), pool('b', 25, candidate.port))
    let exposed = 0
    for (let version = 2; version < 42; version += 1) {
      if ((await ask(served.port)) === 'candidate') exposed += 1
      const extra = { ...target(stable.port), instance: `extra${version}` }
      const pools = [{ ...pool('a', 75, stable.port), targets: [target(stable.port), extra] }, pool('b', 25, candidate.port)]
      await served.balancer.apply(table(version, pools))
    }
    expect(exposed).toBe(10)
  })

  test('are turned to a pool of at least the same weight when all of one is unreachable, never to a lighter one', async () => {
    await using stable = await startNamed('stable')
    const dead = await deadPort()
    await using served = await serve(pool('a', 95, stable.port), pool('b', 5, dead))
    expect(await count(served.port, 100)).toEqual({ stable: 100 })
    await served.balancer.apply(table(2, [pool('a', 95, dead), pool('b', 5, stable.port)]))
    const statuses = []
    for (let sent = 0; sent < 20; sent += 1) statuses.push((await fetch(`http://127.0.0.1:${served.port}/`)).status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 502)).toHaveLength(19)
  })

  test('do not reach a preview, which is its pool alone', async () => {
    await using stable = await startNamed('stable')
    await using candidate = await startNamed('candidate')
    const preview = { host: '127.0.0.1', port: 0 }
    await using served = await serve(pool('a', 100, stable.port), { ...pool('b', 0, candidate.port), preview })
    const address = served.balancer.state().services['web']?.pools['b']?.preview
    expect(await count(address?.port as number, 10)).toEqual({ candidate: 10 })
    expect(await count(served.port, 10)).toEqual({ stable: 10 })
  })
})
