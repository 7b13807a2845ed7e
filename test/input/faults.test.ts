import { createImago, isRolloutError, rolling, type Problem } from 'imago'
import { expect, test } from 'vitest'
import { createSite, processOn } from '../kit/index.ts'

const known = (allowed: string) => ({ found: 'a key that is not known', allowed })

test('createImago names all that is wrong with its options', async () => {
  const site = createSite()
  const given = {
    ...processOn(site, 'first'),
    store: { ...site.store, contract: 2 },
    providers: { cloud: site.cloud.provider, other: {} },
    checks: { smoke: true },
    log: console.log,
    requestInterval: '0s',
    lookInterval: 'often',
    retries: 3,
  }
  expect(await faultsOf(() => createImago(given as never))).toEqual([
    { path: 'store', found: 'an object', allowed: 'a store of contract 1' },
    { path: 'providers.other', found: 'an object', allowed: 'a provider of contract 1' },
    { path: 'checks.smoke', found: 'true', allowed: 'a function' },
    { path: 'log', found: 'a function', allowed: 'a logger with debug, info, warn and error' },
    { path: 'requestInterval', found: '"0s"', allowed: expect.stringContaining('more than no time') },
    { path: 'lookInterval', found: '"often"', allowed: expect.stringContaining("'30s'") },
    { path: 'retries', ...known('nothing here') },
  ])
  for (const nothing of [undefined, null, {}, { providers: {} }])
    expect(await faultsOf(() => createImago(nothing as never))).toMatchObject([{ path: 'providers' }])
})

test('fleet names all that is wrong with a declaration', async () => {
  const { imago } = createSite().process()
  const given = {
    provider: 'euw2',
    groups: { kind: 'clone', adopt: '' },
    traffic: { weights: true },
    floor: '120',
    health: { probes: [{ check: 'answers' }, { http: 'health' }] },
    drain: { hook: { check: 'drained' }, deadline: 'soon', onTimeout: 'kill' },
    region: 'eu-west-1',
  }
  expect(await faultsOf(() => imago.fleet('other', given as never))).toEqual([
    { path: 'groups.adopt', found: '""', allowed: 'a name' },
    { path: 'traffic', found: 'an object', allowed: 'a router of contract 1' },
    { path: 'floor', found: '"120"', allowed: "a whole number from 0, or a percentage such as '25%'" },
    { path: 'health.probes[1].http', found: '"health"', allowed: "a path such as '/health'" },
    { path: 'drain.deadline', found: '"soon"', allowed: "'250ms', '30s', '10m', '2h', '1d' or milliseconds" },
    { path: 'drain.onTimeout', found: '"kill"', allowed: '"remove", "wait", "pause"' },
    { path: 'region', ...known('nothing here') },
    { path: 'provider', found: '"euw2"', allowed: 'cloud' },
  ])
  expect(await faultsOf(() => imago.fleet('', undefined as never))).toMatchObject([{ path: 'name' }, { path: '' }])
})

test.for([
  ['of a scheme that the fleet’s provider does not know', { scheme: 'ami', id: 'ami-1' }, 'schemes known here: sim'],
  ['that has no string form', { scheme: 'sim', id: 'a b' }, 'the form is scheme:[scope/]id[@digest]'],
  ['that its scheme refuses', { scheme: 'sim', scope: 'here', id: 'img-2' }, 'images of the simulation have no scope'],
] as const)('plan refuses an image reference %s', async ([, image, why]) => {
  const site = createSite()
  const { fleet } = site.process()
  expect(await faultsOf(() => site.settled(fleet.plan({ image, strategy: rolling() })))).toEqual([
    { path: 'image', found: expect.stringContaining(why), allowed: 'an image that is there' },
  ])
})

test('ticks refuse a budget that is none', async () => {
  const { imago } = createSite().process()
  expect(await faultsOf(() => imago.tick({ budget: '20' as never }))).toMatchObject([{ path: 'budget', found: '"20"' }])
})

/** The problems that an attempt is refused with; its message has a line for each of them. */
async function faultsOf(attempt: () => unknown): Promise<readonly Problem[]> {
  try {
    await attempt()
  } catch (error) {
    if (!isRolloutError(error, 'spec-invalid')) throw error
    const { problems } = error.facts
    for (const { path, found, allowed } of problems)
      expect(error.message).toContain(`${path}: found ${found}; allowed: ${allowed}`)
    return problems
  }
  return expect.fail('it was not refused')
}
