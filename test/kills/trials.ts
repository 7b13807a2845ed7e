import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { tryLock } from '../../providers/local/lock.ts'
import { pathsOf } from '../../providers/local/paths.ts'
import { createRandom } from '../../src/testing/world/index.ts'
import { expectClean } from './clean.ts'
import { courses, type Course } from './courses.ts'
import type { Site, Started } from './site.ts'

/** The longest that a killed one stays away. */
const LONGEST_AWAY_MS = 5_000
/** A rollout that ended before its moment is tried again, at the same share of what it took. */
const TRIES = 5

/** Kills the controller or the daemon once in the middle of each rollout, at a moment drawn over its length. */
export async function killed(site: Site, what: 'controller' | 'daemon', times: number, seed: number): Promise<void> {
  const random = createRandom(seed, `kill ${what}`)
  const lengths = new Map<Course, number>()
  for (let time = 1; time <= times; time++) {
    const course = random.pick(courses) ?? expect.fail('no course')
    const share = random.next()
    const awayMs = random.whole(0, LONGEST_AWAY_MS)
    let lengthMs = lengths.get(course) ?? (await unharmed(site, course))
    for (let tries = 1; ; tries++) {
      const atMs = Math.floor(share * lengthMs)
      const { struck, tookMs } = await trial(site, course, what, atMs, awayMs)
      const end = struck ? `away for ${awayMs} ms, ended ${course.outcome} after ${tookMs} ms` : 'too late: once more'
      console.log(`${what} ${time} of ${times}: ${course.name}, killed after ${atMs} of ${lengthMs} ms, ${end}`)
      if (struck) break
      expect(tries, 'rollouts that ended before their moment').toBeLessThan(TRIES)
      lengthMs = Math.min(lengthMs, tookMs)
    }
    lengths.set(course, lengthMs)
  }
}

/** How long a rollout takes when nobody is killed. */
async function unharmed(site: Site, course: Course): Promise<number> {
  const started = await site.next(course)
  const controller = await site.controller(started)
  const began = performance.now()
  controller.go()
  expect(await controller.ending).toEqual({ outcome: course.outcome })
  const tookMs = Math.round(performance.now() - began)
  await expectClean(site, started, course)
  return tookMs
}

/** One rollout with one blow; whether it struck before the end. */
async function trial(site: Site, course: Course, what: 'controller' | 'daemon', atMs: number, awayMs: number) {
  const started = await site.next(course)
  const controller = await site.controller(started)
  const began = performance.now()
  controller.go()
  await Promise.race([sleep(atMs), controller.ending])
  let { ending } = controller
  let struck: boolean
  if (what === 'daemon') struck = await killDaemon(site, started, awayMs)
  else {
    controller.kill()
    await ending
    struck = (await started.rollout.report()).outcome === 'unfinished'
    if (struck) {
      await sleep(awayMs)
      const successor = await site.controller(started)
      successor.go()
      ending = successor.ending
    }
  }
  const end = await ending
  if (struck) expect(end).toEqual({ outcome: course.outcome })
  const tookMs = Math.round(performance.now() - began)
  expect((await started.rollout.report()).outcome).toBe(course.outcome)
  await expectClean(site, started, course)
  return { struck, tookMs }
}

/** The lock under which clients start a daemon is held meanwhile, so that it stays away for as long as was drawn. */
async function killDaemon(site: Site, { rollout }: Started, awayMs: number): Promise<boolean> {
  const lock = (await tryLock(pathsOf(site.home).startLock)) ?? expect.fail('somebody starts a daemon already')
  const { daemon } = await site.processes()
  expect(daemon).toHaveLength(1)
  process.kill(daemon[0] ?? 0, 'SIGKILL')
  const struck = (await rollout.report()).outcome === 'unfinished'
  await sleep(struck ? awayMs : 0)
  lock.free()
  return struck
}

/** Two controllers at once: one drives, the other is told who. */
export async function twoAtOnce(site: Site, times: number, seed: number): Promise<void> {
  const random = createRandom(seed, 'two controllers')
  for (let time = 1; time <= times; time++) {
    const course = random.pick(courses) ?? expect.fail('no course')
    const apartMs = random.chance(0.5) ? random.whole(0, 20) : random.whole(0, 1_000)
    const started = await site.next(course)
    const both = await Promise.all([site.controller(started), site.controller(started)])
    both[0].go()
    await sleep(apartMs)
    both[1].go()
    const endings = await Promise.all(both.map((one) => one.ending))
    const told = endings.find((one) => one.code !== undefined)
    console.log(`two controllers ${time} of ${times}: ${course.name}, ${apartMs} ms apart, one was told: ${told?.error}`)
    expect(endings.filter((one) => one.outcome === course.outcome)).toHaveLength(1)
    expect(['driven-elsewhere', 'fenced']).toContain(told?.code)
    expect(told?.error).toMatch(/pid \d+/)
    await expectClean(site, started, course)
  }
}
