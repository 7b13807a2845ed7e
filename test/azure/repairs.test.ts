import { clone, rolling, type FleetTarget } from 'imago'
import { azure } from 'imago/azure'
import { expect, test } from 'vitest'
import { OLD, setUpFleet } from './fleet.ts'
import { CLONED, roll } from './rolling.ts'
import { createSite, type Site } from './site.ts'
import { startRepairs } from './wire/repairs.ts'
import { replace } from './wire/set-changes.ts'

const HOURS = 3_600_000
const REPAIRED = { automaticRepairsPolicy: { enabled: true, gracePeriod: 'PT10M' } }

test.for(['Uniform', 'Flexible'] as const)('an instance of a %s set that stops by itself is counted once', async (mode) => {
  const { machine, failures, idOf } = await watching(mode)
  expect(await failures()).toEqual({ count: 0 })
  const id = await idOf(0)
  machine(0).end('its kernel panicked')
  const counted = {
    count: 1,
    last: { class: 'invalid', message: `${id} is PowerState/stopped: it has ended, or somebody stopped it` },
  }
  expect([await failures(), await failures()]).toEqual([counted, counted])
})

test('who was ill and is repaired is counted once, and says why it was ill', async () => {
  const { machine, repair, failures, idOf, pass } = await watching()
  const id = await idOf(1)
  machine(1).flap(HOURS)
  expect(await failures()).toEqual({ count: 0 })
  repair(1)
  const message = `${id} was HealthState/unhealthy and is taken away: it does not answer for a while`
  const counted = { count: 1, last: { class: 'invalid', message } }
  expect(await failures()).toEqual(counted)
  pass()
  expect([await failures(), await failures(), await failures()]).toEqual([counted, counted, counted])
})

test('who was ill and is gone is counted once two lists are without it', async () => {
  const { machine, repair, failures, pass } = await watching()
  machine(1).flap(HOURS)
  await failures()
  repair(1)
  pass()
  expect([await failures(), await failures(), await failures()]).toMatchObject([{ count: 0 }, { count: 1 }, { count: 1 }])
})

test('who has become well, or was well, or is removed on purpose is not counted', async () => {
  const { cloud, machine, repair, failures, idOf, pass } = await watching()
  machine(0).flap(10_000)
  machine(1).flap(HOURS)
  await failures()
  pass()
  await failures()
  const { release } = (await cloud.describe(target, call())).groups[0]!
  await cloud.remove(target, 'web', [await idOf(1)], { [release]: 2 }, call())
  repair(0)
  expect([await failures(), await failures()]).toEqual([{ count: 0 }, { count: 0 }])
  pass()
  expect([await failures(), await failures(), await failures()]).toEqual([{ count: 0 }, { count: 0 }, { count: 0 }])
})

test('a candidate that breaks down under traffic, and is repaired again and again, fails by its failure budget', async () => {
  const site = await createSite()
  const { rollout, images } = await roll(site, {
    strategy: rolling({ soak: '5m', progressDeadline: '1d' }),
    groups: CLONED,
    behaviour: { kind: 'dies-under-traffic', afterMs: 20_000 },
    settings: { size: 1, properties: REPAIRED },
    before() {
      startRepairs(site.account)
      serve(site)
    },
  })
  const cause = expect.stringMatching(
    /^3 launches or instances of the candidate failed, 2 are forgiven; .* is PowerState\/stopped/,
  )
  expect(rollout.state).toMatchObject({ outcome: 'rolled-back', cause })
  expect(images()).toEqual([OLD])
})

const target: FleetTarget = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }
let tokens = 0
const call = () => ({ signal: new AbortController().signal, token: `repairs#${++tokens}/c1` })

/** A set that is looked at by one process. */
async function watching(mode: 'Uniform' | 'Flexible' = 'Uniform') {
  const site = await createSite()
  const set = setUpFleet(site, { mode, properties: REPAIRED })
  const cloud = azure(site.access)
  const view = async () => (await cloud.describe(target, call())).groups[0]!
  const members = [...set.members]
  return {
    cloud,
    failures: async () => (await view()).failures,
    idOf: async (index: number) => (await view()).instances[index]!.id,
    repair: (index: number) => replace(site.account, set, members[index]!),
    pass: () => site.world.runUntil(site.world.now + 120_000),
    machine(index: number) {
      const { machines } = site.world
      const { id } = members[index]!.machine!
      return { end: (why: string) => machines.end(id, why), flap: (forMs: number) => machines.flap(id, forMs) }
    },
  }
}

/** Every machine that is well gets requests. */
function serve(site: Site): void {
  const { account, world } = site
  for (const { members } of account.sets.values())
    for (const { machine } of members) if (machine?.state === 'healthy') world.machines.load(machine.id, true)
  world.schedule(world.now + 5_000, () => serve(site))
}
