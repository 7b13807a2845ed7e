import { inPlace, rolling } from 'imago'
import { createLife, type Fate } from 'imago/testing'
import { expect, test } from 'vitest'
import { leftovers, NEW, OLD, running, setUp, startProcess, type Job } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'

const seed = Number(process.env['IMAGO_SEED'])
/** One in so many, another one with each commit. */
const SHARE = 8
/** Until nobody believes any more that the process which died is at work. */
const LEASE_MS = 31_000

const native = { strategy: rolling({ by: 'native', progressDeadline: '3m' }), groups: inPlace('web') }
const courses = {
  promoted: [native, NEW],
  'rolled-back': [{ ...native, behaviour: { kind: 'never-healthy' } }, OLD],
} as const satisfies Readonly<Record<string, readonly [Job, string]>>

/** Processes one after the other, until one sees the end; each dies as its fate says. */
async function goThrough(job: Job, fate: Fate) {
  const site = await createSite()
  const { web, image } = setUp(site, job)
  const { id } = await web.start(await web.plan({ image, strategy: job.strategy as never }))
  for (let count = 1; ; count++) {
    const driver = { isDead: false }
    const life = createLife(site.world, fate, () => void (driver.isDead = true))
    const { imago } = startProcess(site, job, { name: `driver-${count}`, life })
    const drive = async () => {
      const rollout = await imago.rollout(id)
      for (let turn = 0; !driver.isDead && rollout.state.phase !== 'done'; turn++) {
        if (turn > 500) throw new Error('it does not end')
        const { wakeAt } = await rollout.tick()
        if (!driver.isDead) site.world.runUntil(Math.max(wakeAt, site.world.now + 1_000))
      }
      return rollout.state.outcome
    }
    const outcome = await Promise.race([drive(), life.death])
    if (outcome !== undefined) return { site, outcome }
    site.world.runUntil(site.world.now + LEASE_MS)
  }
}

test.for(['promoted', 'rolled-back'] as const)(
  'a native rollout ends as it would have, wherever its process dies: %s',
  { timeout: 120_000 },
  async (expected) => {
    const [job, image] = courses[expected]
    let changes = 0
    const counting: Fate = { dies: (name, moment) => (moment === 'before' && name === 'change' && changes++, false) }
    await goThrough(job, counting)
    const blows = Array.from({ length: changes }, (_one, at) => at).flatMap((at) => [
      [at, 'before'] as const,
      [at, 'after'] as const,
    ])
    expect(blows.length).toBeGreaterThan(12)
    for (const [at, when] of blows.filter((_one, index) => index % SHARE === seed % SHARE)) {
      let count = -1
      const dies: Fate['dies'] = (name, moment) => {
        if (name !== 'change') return false
        if (moment === 'before') count++
        return count === at && moment === when
      }
      const { site, outcome } = await goThrough(job, { dies })
      expect([at, when, outcome, ...running(site)]).toEqual([at, when, expected, image, image, image])
      expect([at, when, ...leftovers(site)]).toEqual([at, when])
    }
  },
)

testTheWire()
