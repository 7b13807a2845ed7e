import { inPlace, type FleetTarget, type HoldView, type UpdateRequest } from 'imago'
import { azure } from 'imago/azure'
import { expect, test } from 'vitest'
import { NEW, setUpFleet, type FleetSettings } from './fleet.ts'
import { createSite } from './site.ts'
import { staying } from './wire/converge.ts'
import { checkUpgradePolicy } from './wire/upgrade-policy.ts'
import { cancelUpgrade, startOsUpgrade } from './wire/upgrades.ts'
import { patchSet } from './wire/set-changes.ts'

const target: FleetTarget = { name: 'web', placement: inPlace('web'), handles: [], updates: true }
const UNCONDITIONAL = { ifMatch: undefined, ifNoneMatch: undefined }

test('what a rolling upgrade cannot be told is refused, and nothing is written', async () => {
  const { site, set, start, aim } = await changing({ size: 30 })
  await aim()
  const etag = set.etag
  const refusal = (message: RegExp) => ({ message: expect.stringMatching(message) as string, facts: { class: 'invalid' } })
  await expect(start({ maxSurge: 0 })).rejects.toMatchObject(refusal(/takes at least 2 beyond the size, not 0/))
  await expect(start({ maxSurge: 1 })).rejects.toMatchObject(refusal(/takes at least 2 beyond the size, not 1/))
  await expect(start({ soakMs: 1 })).rejects.toMatchObject(refusal(/cannot let instances wait once they are well/))
  site.account.quota = 31
  await expect(start({ maxSurge: 3 })).rejects.toMatchObject({ facts: { class: 'quota' } })
  expect([set.etag, set.rolling]).toEqual([etag, undefined])
})

test('a batch is no larger than the budget, than what is to be replaced, or than the quotas allow', async () => {
  for (const [asked, quota, percent, pause] of [
    [{ maxSurge: 3 }, undefined, 30, 'PT0S'],
    [{ maxSurge: 3, upTo: 1 }, undefined, 10, 'PT1H'],
    [{ maxSurge: 1, upTo: 2 }, undefined, 10, 'PT1M'],
    [{ maxSurge: 20 }, undefined, 100, 'PT0S'],
    [{ maxSurge: 3 }, 12, 20, 'PT0S'],
  ] as const) {
    const { site, set, start, aim } = await changing({ size: 10 })
    await aim()
    site.account.quota = quota
    await start(asked)
    expect(set.rolling?.policy).toMatchObject({
      maxBatchInstancePercent: percent,
      pauseTimeBetweenBatches: pause,
      maxSurge: true,
    })
  }
})

test('while one is at work its own marks are in force unwritten, and nobody else can write theirs', async () => {
  const { site, set, cloud, aim, start, wait } = await changing()
  const claim: HoldView = { kind: 'claim', owner: 'web#1', epoch: 1, expiresAt: site.world.now + 60_000, store: 'store' }
  await cloud.hold(target, 'web', claim, undefined, call())
  wait(10_000)
  await aim()
  await start()
  wait(20_000)
  const etag = set.etag
  const view = async () => (await cloud.describe(target, call())).groups[0]!
  // The mark itself says that it has run out.
  wait(50_000)
  expect((await view()).holds[0]!.expiresAt).toBeGreaterThan(site.world.now + 1_800_000)
  const later = { ...claim, epoch: 2, expiresAt: site.world.now + 60_000 }
  expect(await cloud.hold(target, 'web', later, undefined, call())).toEqual({})
  const other = { ...later, owner: 'web#2' }
  await expect(cloud.hold(target, 'web', other, undefined, call())).rejects.toMatchObject({ facts: { class: 'conflict' } })
  await expect(cloud.release(target, 'web', 'claim', 'web#1', call())).rejects.toMatchObject({
    message: 'A rolling upgrade of web is at work, and a write would begin it anew.',
    facts: { class: 'conflict' },
  })
  expect(set.etag).toBe(etag)
  // A size is no change of what is launched.
  const begun = set.rolling
  const { release, sizes } = await view()
  await cloud.resize(target, 'web', { [release]: (sizes[release] ?? 0) + 1 }, undefined, call())
  expect([set.model.sku.capacity, set.rolling]).toEqual([4, begun])
  for (let round = 0; round < 60 && set.rolling?.code === 'RollingForward'; round++) wait(10_000)
  expect(set.rolling?.code).toBe('Completed')
  // Now it has run out for all to see, and whoever comes next gives the set its own mode back.
  expect((await view()).holds[0]!.expiresAt).toBeLessThan(site.world.now)
  await cloud.hold(target, 'web', { ...other, expiresAt: site.world.now + 60_000 }, undefined, call())
  expect(set.model.properties['upgradePolicy']).toMatchObject({ mode: 'Manual', rollingUpgradePolicy: { maxSurge: false } })
  expect(Object.keys(set.model.more['tags'] as object)).not.toContain('imago:upgrade')
  expect((await view()).holds[0]!.owner).toBe('web#2')
})

test('a set that is upgraded by somebody else is not set to work beside that, and can be told to stop', async () => {
  const { site, set, cloud, aim, start, wait } = await changing()
  await aim()
  wait(10_000)
  patchSet(site.account, set, { properties: { upgradePolicy: { mode: 'Rolling' } } }, UNCONDITIONAL)
  wait(1_000)
  await expect(start()).rejects.toMatchObject({
    message: expect.stringMatching(/^There works the rolling upgrade of web since .*, RollingForward/) as string,
    facts: { class: 'conflict' },
  })
  const [seen] = (await cloud.describe(target, call())).groups
  expect(seen!.update).toMatchObject({ state: 'running', reimages: true })
  await cloud.updater!.stop(target, 'web', call())
  expect(set.rolling?.lastAction).toBe('Cancel')
  // Whose mode it is stays its owner's business.
  expect(set.model.properties['upgradePolicy']).toMatchObject({ mode: 'Rolling' })
})

test.for([
  ['a batch that is too small', { maxBatchInstancePercent: 4 }, /maxBatchInstancePercent.* from 5 to 100/],
  ['a batch beyond what may be unhealthy', { maxBatchInstancePercent: 30 }, /must not be more than maxUnhealthyInstancePercent/],
  ['a pause in words', { pauseTimeBetweenBatches: 'a minute' }, /must be a duration/],
  [
    'rolling failed ones back, in a Flexible set',
    { rollbackFailedInstancesOnPolicyBreach: false },
    /not supported for a Flexible/,
  ],
] as const)('the wire server refuses %s, as Azure does', async ([, policy, why]) => {
  const { set } = await changing()
  const properties = { ...set.model.properties, upgradePolicy: { mode: 'Rolling', rollingUpgradePolicy: policy } }
  expect(() => checkUpgradePolicy(set, properties)).toThrow(why)
  expect(() => checkUpgradePolicy(set, { ...properties, upgradePolicy: { mode: 'Rolling' } })).not.toThrow()
})

test('the wire server refuses Rolling mode without a source of health, surge beside overprovisioning, and to cancel nothing', async () => {
  const { site, set } = await changing({ health: 'none', mode: 'Uniform' })
  const rolled = { ...set.model.properties, upgradePolicy: { mode: 'Rolling' } }
  expect(() => checkUpgradePolicy(set, rolled)).toThrow(/a health probe or health extension was not provided/)
  const surging = { ...rolled, overprovision: true, upgradePolicy: { rollingUpgradePolicy: { maxSurge: true } } }
  expect(() => checkUpgradePolicy(set, surging)).toThrow(/not supported with overprovision/)
  expect(() => cancelUpgrade(site.account, set)).toThrow(/no rolling upgrade of web that could be cancelled/)
  expect(() => startOsUpgrade(site.account, set)).toThrow(/launches one version of an image/)
})

test('the wire server re-images all that runs in Automatic mode, and brings back what an upgrade of its owner’s could not make well', async () => {
  const { site, set, wait } = await changing({ mode: 'Uniform' })
  const ids = () => staying(set).map((one) => one.vmId)
  const before = ids()
  patchSet(site.account, set, { properties: { upgradePolicy: { mode: 'Automatic' } }, tags: { team: 'shop' } }, UNCONDITIONAL)
  expect(ids()).toEqual(before)
  expect(staying(set).every((one) => one.machine?.state === 'booting')).toBe(true)
  wait(60_000)
  let spoilt = 1
  site.account.spoils = () => spoilt-- > 0
  const rollingUpgradePolicy = { rollbackFailedInstancesOnPolicyBreach: true }
  patchSet(site.account, set, { properties: { upgradePolicy: { mode: 'Rolling', rollingUpgradePolicy } } }, UNCONDITIONAL)
  for (let round = 0; round < 100 && set.rolling?.code !== 'Faulted'; round++) wait(10_000)
  wait(60_000)
  expect(set.rolling?.code).toBe('Faulted')
  expect([ids(), staying(set).map((one) => one.machine?.state)]).toEqual([before, ['healthy', 'healthy', 'healthy']])
})

let tokens = 0

function call() {
  return { signal: new AbortController().signal, token: `upgrades/${++tokens}` }
}

/** A set of three, what asks it to launch another image, and what sets its upgrade to work. */
async function changing(settings: FleetSettings = {}) {
  const site = await createSite()
  const set = setUpFleet(site, { mode: 'Flexible', ...settings })
  const cloud = azure(site.access)
  const image = site.publish(NEW)
  const wait = (ms: number) => site.world.runUntil(site.world.now + ms)
  return {
    site,
    set,
    cloud,
    wait,
    /** The set launches another image from now on. */
    async aim() {
      const { groups, releases } = await cloud.describe(target, call())
      const base = releases[groups[0]!.release]!
      const { release, sealed } = await cloud.resolve(target, { image, base }, call())
      await cloud.ensureGroup(target, { group: 'web', release, sealed, like: 'web', size: 0, rolloutId: 'web#1' }, call())
      wait(10_000)
    },
    async start(more: Partial<UpdateRequest> = {}) {
      const release = (await cloud.describe(target, call())).groups[0]!.release
      return await cloud.updater!.start(target, 'web', { release, maxSurge: 1, maxUnavailable: 0, soakMs: 0, ...more }, call())
    },
  }
}
