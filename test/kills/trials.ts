import { setTimeout as sleep } from 'node:timers/promises'
import { createRandom } from '../../src/testing/world/index.ts'
import { expect } from 'vitest'
import type { Site } from './site.ts'
import { strategies } from './strategies.ts'

/** A rollout here takes about this long: kills are drawn over it. */
const USUAL_MS = 6_000

/** Kills the controller (or the daemon) once in the middle of each rollout, and expects what the unkilled one gives. */
export async function killed(site: Site, what: 'controller' | 'daemon', times: number, seed: number): Promise<void> {
  const random = createRandom(seed, `kill ${what}`)
  for (let time = 0; time < times; time++) {
    const strategy = random.pick(strategies) ?? strategies[0]
    const atMs = random.whole(0, USUAL_MS)
    const awayMs = random.whole(0, what === 'controller' ? 5_000 : 0)
    const rollout = await site.next(strategy)
    const from = Date.now()
    const first = site.drive(rollout.id)
    await Promise.race([sleep(atMs), first.ending])
    const done = first.child.exitCode !== null
    console.log(
      `${what} ${time + 1}/${times}: ${strategy.name}, ${done ? 'ended before' : `killed after ${Date.now() - from} ms`}, away ${awayMs} ms`,
    )
    let ending = first.ending
    if (what === 'controller' && !done) {
      first.child.kill('SIGKILL')
      await first.ending
      await sleep(awayMs)
      ending = site.drive(rollout.id).ending
    } else if (what === 'daemon') process.kill(await site.pidOf('daemon'), 'SIGKILL')
    const report = done ? await rollout.report() : await ending
    expect(report).toMatchObject({ outcome: 'promoted' })
    await expectClean(site, from)
  }
}

/** Two controllers at once: one drives, the other is told who. */
export async function twoAtOnce(site: Site, times: number, seed: number): Promise<void> {
  const random = createRandom(seed, 'two controllers')
  for (let time = 0; time < times; time++) {
    const rollout = await site.next(random.pick(strategies) ?? strategies[0])
    const from = Date.now()
    const first = site.drive(rollout.id)
    await sleep(random.whole(0, 2_000))
    const second = site.drive(rollout.id)
    const endings = await Promise.all([first.ending, second.ending])
    const told = endings.filter((one) => one.code === 'driven-elsewhere' || one.code === 'fenced')
    console.log(`two controllers ${time + 1}/${times}: ${JSON.stringify(endings)}`)
    expect(endings.filter((one) => one.outcome === 'promoted').length + told.length).toBe(2)
    for (const one of told) expect(one.error).toMatch(/pid \d+/)
    expect((await rollout.report()).outcome).toBe('promoted')
    await expectClean(site, from)
  }
}

/** The balancer killed: what was open may fail, and it serves again within a second with the table it had. */
export async function balancerKilled(site: Site, times: number, seed: number): Promise<void> {
  const random = createRandom(seed, 'kill balancer')
  for (let time = 0; time < times; time++) {
    await sleep(random.whole(0, 1_000))
    const before = await site.pidOf('balancer')
    const killedAt = Date.now()
    process.kill(before, 'SIGKILL')
    await sleep(2_500)
    const late = site.load.lines.filter((line) => line.why !== undefined && line.at - (line.tookMs ?? 0) > killedAt + 1_000)
    console.log(
      `balancer ${time + 1}/${times}: ${site.load.lines.filter((line) => line.why !== undefined && line.at >= killedAt).length} requests failed`,
    )
    expect(late).toEqual([])
    expect(await site.pidOf('balancer')).not.toBe(before)
  }
}

async function expectClean(site: Site, from: number): Promise<void> {
  expect(await site.groups()).toMatchObject([{ healthy: 4, instances: 4 }])
  await sleep(300)
  expect(site.load.lines.filter((line) => line.why !== undefined && line.at >= from)).toEqual([])
}
