import { inPlace, rolling } from 'imago'
import { createWorld } from 'imago/testing'
import { expect, test } from 'vitest'
import { share } from '../kit/share.ts'
import { driveUntil, restMidway } from '../kit/turns.ts'
import { UNHEARD, UNSENT } from '../kit/wire/fate.ts'
import { launchFrom, NEW, OLD, setUpFleet, type FleetSettings } from './fleet.ts'
import { drive, leftovers, newStore, roll, startProcess, type Job } from './rolling.ts'
import { createSite, DEFINITION, type Site } from './site.ts'
import type { SetRecord } from './wire/account.ts'
import { staying } from './wire/converge.ts'
import { Fault } from './wire/fault.ts'
import { upgradePolicyOf } from './wire/upgrade-policy.ts'
import { afterWrite } from './wire/upgrades.ts'

const groups = inPlace('web')
const strategy = rolling({ by: 'native', progressDeadline: '10m' })
const modes = ['Uniform', 'Flexible'] as const
const jobOf = (mode: SetRecord['mode'], more: Partial<Job> = {}): Job => ({
  strategy,
  groups,
  ...more,
  settings: { mode, ...more.settings },
})

test.for(share(modes, 2))('a rolling upgrade of a %s set replaces the first instance, and then the rest', async (mode) => {
  const site = await createSite()
  const { rollout, images } = await roll(site, jobOf(mode))
  expect([rollout.state.outcome, images()]).toEqual(['promoted', [NEW, NEW, NEW]])
  expect(leftovers(site)).toEqual([])
  // Whom it replaces Azure chooses itself.
  expect(site.account.requests.filter((one) => one.operation === 'virtualMachineScaleSets.deleteInstances')).toEqual([])
})

test.for(share(modes, 2))('an image that never answers is frozen and taken back by the engine, in a %s set', async (mode) => {
  const site = await createSite()
  const { rollout, images } = await roll(site, jobOf(mode, { behaviour: { kind: 'never-healthy' } }))
  expect([rollout.state.outcome, images()]).toEqual(['rolled-back', [OLD, OLD, OLD]])
  expect(leftovers(site)).toEqual([])
})

test.for(share(modes, 2))('serving capacity never falls below the floor, in a %s set', async (mode) => {
  const site = await createSite()
  let fewest = 3
  const before = () =>
    site.world.observe(() => {
      const serving = staying(setOf(site)).filter((one) => one.machine?.state === 'healthy')
      fewest = Math.min(fewest, serving.length)
    })
  const { rollout } = await roll(site, jobOf(mode, { before }))
  expect([rollout.state.outcome, fewest]).toEqual(['promoted', 3])
})

const OWN = {
  maxBatchInstancePercent: 40,
  maxUnhealthyInstancePercent: 50,
  maxUnhealthyUpgradedInstancePercent: 10,
  pauseTimeBetweenBatches: 'PT30S',
  enableCrossZoneUpgrade: true,
  prioritizeUnhealthyInstances: false,
  maxSurge: false,
}

test.for([
  ['what its owner said of it', 'good', OWN, OWN],
  ['what its owner said of it, by the way back', 'never-healthy', OWN, OWN],
  [
    'what Azure takes where nothing is said',
    'good',
    undefined,
    {
      ...OWN,
      maxBatchInstancePercent: 20,
      maxUnhealthyInstancePercent: 20,
      maxUnhealthyUpgradedInstancePercent: 20,
      pauseTimeBetweenBatches: 'PT0S',
      enableCrossZoneUpgrade: undefined,
    },
  ],
] as const)('the policy of a set is in the end %s', async ([, kind, own, after]) => {
  const site = await createSite()
  const upgradePolicy = { mode: 'Manual', ...(own === undefined ? {} : { rollingUpgradePolicy: own }) }
  await roll(site, jobOf('Flexible', { behaviour: { kind }, settings: { properties: { upgradePolicy } } }))
  expect(setOf(site).model.properties['upgradePolicy']).toEqual({ mode: 'Manual', rollingUpgradePolicy: after })
  expect(leftovers(site)).toEqual([])
})

test('it rests while a rollout is paused, and goes on when that is resumed', async () => {
  const site = await createSite()
  const { rollout } = await started(site)
  const says = () => setOf(site).rolling?.code
  const { left, ...rest } = await restMidway(site, rollout, { running: () => running(site), image: NEW, count: 2, says })
  expect(rest).toEqual({ says: 'Cancelled', outcome: 'promoted' })
  expect([left[0]?.length, left[1], running(site)]).toEqual([3, left[0], [NEW, NEW, NEW]])
  expect(leftovers(site)).toEqual([])
})

test('where the mode alone begins nothing, the next write of the same does', async () => {
  const site = await createSite()
  site.account.upgradesWithMode = false
  // What its owner's own upgrade did long ago is nobody's concern.
  const runningStatus = { code: 'Completed', startTime: '2029-01-01T00:00:00Z', lastAction: 'Start' }
  const before = () => void (setOf(site).upgrade = { policy: { maxSurge: false }, runningStatus })
  const { rollout, images } = await roll(site, jobOf('Uniform', { before }))
  expect([rollout.state.outcome, images()]).toEqual(['promoted', [NEW, NEW, NEW]])
  expect(leftovers(site)).toEqual([])
})

test.for(share(modes, 2))(
  'a rollout ends well where of each kind of change the first never arrives, and the second is never answered, in a %s set',
  async (mode) => {
    const site = await createSite()
    const sent = new Map<string, number>()
    site.account.fateOf = (operation, isRead) => {
      if (isRead) return undefined
      const count = (sent.get(operation) ?? 0) + 1
      sent.set(operation, count)
      return count === 1 ? UNSENT : count === 2 ? UNHEARD : undefined
    }
    const { rollout, images } = await roll(site, jobOf(mode))
    expect([rollout.state.outcome, images()]).toEqual(['promoted', [NEW, NEW, NEW]])
    expect(leftovers(site)).toEqual([])
  },
)

test('while an upgrade is at work nothing but a size is written, for as long as that takes, and the marks are in force', async () => {
  const world = createWorld({ seed: 1, bootMs: [420_000, 420_000], zones: ['1', '2', '3'] })
  const site = await createSite({ world })
  const { rollout, set } = await started(site, { size: 6 })
  const written: object[] = []
  const [claims, { requests }] = [new Set<boolean>(), site.account]
  let seen = requests.length
  await driveUntil(site, rollout, () => {
    const isAtWork = set.rolling?.code === 'RollingForward'
    const writes = requests.slice(seen).filter((one) => one.operation === 'virtualMachineScaleSets.update')
    if (isAtWork) written.push(...writes.flatMap(({ body }) => (modeIn(body) === 'Rolling' ? [] : [body])))
    if (isAtWork) claims.add('imago:claim' in (set.model.more['tags'] as object))
    seen = requests.length
    return rollout.state.phase === 'done'
  })
  expect([rollout.state.outcome, running(site)]).toEqual(['promoted', Array.from({ length: 6 }, () => NEW)])
  // It outlasts what marks are good for until they are renewed.
  expect(site.world.now).toBeGreaterThan(45 * 60_000)
  expect([written, [...claims]]).toEqual([[], [true]])
  expect(leftovers(site)).toEqual([])
})

test('somebody else who has the set upgraded to a third image in mid-rollout is stopped', async () => {
  const site = await createSite()
  const third = site.publish('1.0.2')
  const { rollout, set } = await started(site)
  await driveUntil(site, rollout, () => running(site).includes(NEW) && set.rolling?.code === 'RollingForward')
  launchFrom(set, { id: third })
  afterWrite(site.account, set, 'Rolling')
  await driveUntil(site, rollout, () => set.rolling?.code === 'Cancelled')
  await drive(site, rollout)
  expect([rollout.state.outcome, running(site)]).toEqual(['promoted', [NEW, NEW, NEW]])
  expect(leftovers(site)).toEqual([])
})

test.for([
  [false, 'is begun again', 'promoted', NEW],
  [true, 'is begun again without what it left ill beside the others', 'promoted', NEW],
] as const)('an upgrade that Azure gives up (%s) %s', async ([stays, , outcome, image]) => {
  const site = await createSite()
  site.account.surgeStays = stays
  const { rollout, set } = await started(site)
  await driveUntil(site, rollout, () => running(site).filter((one) => one === NEW).length === 1)
  let spoilt = 1
  site.account.spoils = () => spoilt-- > 0
  await driveUntil(site, rollout, () => set.rolling?.code === 'Faulted')
  await drive(site, rollout)
  expect([rollout.state.outcome, running(site)]).toEqual([outcome, [image, image, image]])
  expect(leftovers(site)).toEqual([])
})

test('where the quota gets short and Azure re-images what runs it is cancelled, the journal says so, and the engine goes back', async () => {
  const site = await createSite()
  const { rollout, set } = await started(site)
  const said: string[] = []
  rollout.on('update.seen', ({ says }) => void said.push(says))
  const before = staying(set).map((one) => one.vmId)
  await driveUntil(site, rollout, () => set.rolling?.code === 'Cancelled')
  await driveUntil(site, rollout, () => set.rolling?.code === 'RollingForward')
  site.account.quota = 3
  await driveUntil(site, rollout, () => staying(set).some((one) => one.image.id?.endsWith(NEW) && before.includes(one.vmId)))
  await driveUntil(site, rollout, () => set.rolling?.code === 'Cancelled')
  site.account.quota = undefined
  await drive(site, rollout)
  expect(said.join('\n')).toMatch(/RollingForward.*; it has re-imaged web_\S+ instead of replacing/)
  expect([rollout.state.outcome, running(site)]).toEqual(['rolled-back', [OLD, OLD, OLD]])
  expect(leftovers(site)).toEqual([])
})

test.for([
  ['a soak', { soak: '1m' }, {}, /strategy\.soak: found 60000 ms, by native, but .* as soon as the new ones are well/],
  ['no surge', { maxSurge: 0, maxUnavailable: 1 }, {}, /strategy\.maxSurge: found 0, by native, but .* re-images those that run/],
  ['less than Azure takes at once', {}, { size: 41 }, /strategy\.maxSurge: found 1 of 41, by native, but .* 5 % .*\(3 of 41\)/],
  [
    'a set without a source of health',
    {},
    { health: 'none' },
    /strategy\.by: found native, but web has neither a health probe nor/,
  ],
] as const)(
  'a plan that a rolling upgrade could not follow is refused with the reason: %s',
  async ([, options, settings, reason]) => {
    const site = await createSite()
    const { web, image } = setUp(site, settings)
    await expect(web.plan({ image, strategy: rolling({ by: 'native', ...options }) })).rejects.toThrow(reason)
  },
)

test('a quota that leaves no room for a batch refuses the plan, and the engine may still plan within it', async () => {
  const site = await createSite()
  const { web, image } = setUp(site)
  site.account.quota = 3
  await expect(web.plan({ image, strategy })).rejects.toThrow(
    /needs 1 more at once, .* the quota leaves 0: of Standard DSv5 Family vCPUs 6 of 6 are in use/,
  )
  await web.plan({ image, strategy: rolling() })
  site.account.quota = undefined
  site.account.refusals.set('usage.list', new Fault(403, 'AuthorizationFailed', 'The client does not have authorization.'))
  await expect(web.plan({ image, strategy })).rejects.toThrow(
    /the quotas \(Microsoft.Compute\/locations\/usages\/read\) cannot be read: .*AuthorizationFailed/,
  )
  await web.plan({ image, strategy: rolling() })
})

function setOf({ account }: Site): SetRecord {
  return account.sets.get('web')!
}

function setUp(site: Site, settings: FleetSettings = {}) {
  const set = setUpFleet(site, { mode: 'Flexible', pool: 'web-lb/web', bounds: { min: 1, max: 100 }, ...settings })
  return { set, ...startProcess(site, { groups, strategy, store: newStore(site) }), image: site.publish(NEW) }
}

async function started(site: Site, settings: FleetSettings = {}) {
  const { set, web, image } = setUp(site, settings)
  return {
    set,
    rollout: await web.start(await web.plan({ image, strategy: rolling({ by: 'native', progressDeadline: '20m' }) })),
  }
}

/** The versions that instances run which are not on their way out. */
function running(site: Site): string[] {
  return staying(setOf(site)).map((one) => one.image.id?.slice(`${DEFINITION}/versions/`.length) ?? '')
}

function modeIn(body: object): string {
  const { properties = {} } = body as { properties?: Record<string, unknown> }
  return upgradePolicyOf(properties).mode
}
