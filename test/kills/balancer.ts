import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { canary } from 'imago'
import { expect } from 'vitest'
import type { BalancerTable } from '../../providers/local/balancer/table.ts'
import { tableFile } from '../../providers/local/balancer/table-file.ts'
import { createRandom } from '../../src/testing/world/index.ts'
import type { LoadLine } from '../../examples/demo/load.ts'
import { expectClean } from './clean.ts'
import { servingBalancer } from './processes.ts'
import type { Site } from './site.ts'

/** Within this it serves again. */
const BACK_WITHIN_MS = 1_000
const WATCHED_MS = 1_500

/** Kills the balancer while a quarter of the traffic goes to a candidate: it serves again within a second, with the same table. */
export async function balancerKilled(site: Site, times: number, seed: number): Promise<void> {
  const random = createRandom(seed, 'kill balancer')
  const course = { name: 'canary', strategy: canary({ weights: [25], bake: '1h' }), outcome: 'rolled-back' } as const
  const started = await site.next(course)
  const { rollout, label } = started
  while (candidateWeight(await tableOf(site)) !== 25) await rollout.tick()
  for (let time = 1; time <= times; time++) {
    await sleep(random.whole(0, 1_000))
    const before = await tableOf(site)
    const balancer = await servingBalancer(site.home)
    const killedAt = Date.now()
    process.kill(balancer, 'SIGKILL')
    await sleep(BACK_WITHIN_MS + WATCHED_MS)
    const failed = site.failures()
    const seen = sharesOf(site.load.lines.filter((line) => line.at > killedAt + BACK_WITHIN_MS + 500))
    console.log(
      `balancer ${time} of ${times}: ${failed.length} requests failed, the last was due ${lastDue(failed, killedAt)} ms after the kill`,
    )
    expect(failed.filter((line) => dueAt(line) > killedAt + BACK_WITHIN_MS)).toEqual([])
    expect((await tableOf(site)).services).toEqual(before.services)
    // Each answer goes by the weights; only the edges of what was watched are ragged.
    expect(Math.round((seen(label) / seen()) * 20) * 5).toBe(25)
    expect(await servingBalancer(site.home)).not.toBe(balancer)
  }
  await rollout.rollback({ by: 'test' })
  expect((await rollout.run()).outcome).toBe('rolled-back')
  await expectClean(site, started, course)
}

async function tableOf({ home }: Site): Promise<BalancerTable> {
  return JSON.parse(await readFile(tableFile(home), 'utf8')) as BalancerTable
}

function candidateWeight({ services }: BalancerTable): number | undefined {
  return services[0]?.pools[1]?.weight
}

function dueAt(line: LoadLine): number {
  return line.at - (line.tookMs ?? 0)
}

function lastDue(failed: readonly LoadLine[], killedAt: number): number {
  return Math.max(0, ...failed.map((line) => dueAt(line) - killedAt))
}

/** Answers by image, or all of them. */
function sharesOf(lines: readonly LoadLine[]): (label?: string) => number {
  return (label) =>
    lines.reduce((sum, line) => sum + ((label === undefined ? line.requests : line.byImage?.[label]?.requests) ?? 0), 0)
}
