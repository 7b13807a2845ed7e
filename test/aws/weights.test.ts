import { blueGreen, canary, type Rollout } from 'imago'
import { alb, aws } from 'imago/aws'
import { expect, test } from 'vitest'
import { nativeWeights, sharesOf } from '../../providers/aws/router/shares.ts'
import { NEW, setUpFleet } from './fleet.ts'
import { CLONED, drive, newStore, startProcess } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'

type Weights = Readonly<Record<string, number>>

const NOBODY: ReadonlySet<string> = new Set()
const THEIRS: ReadonlySet<string> = new Set(['theirs', 'more of theirs'])
const target = { name: 'web', placement: CLONED, handles: [] }
const context = { signal: new AbortController().signal, token: 'one' }

test.for<{ readonly weights: Weights; readonly read: Weights }>([
  { weights: { a: 1 }, read: { a: 100 } },
  { weights: { a: 1, b: 0 }, read: { a: 100, b: 0 } },
  { weights: { a: 0, b: 999 }, read: { a: 0, b: 100 } },
  { weights: { a: 0, b: 0 }, read: { a: 0, b: 0 } },
  { weights: { a: 3, b: 1 }, read: { a: 75, b: 25 } },
  { weights: { a: 1, b: 2 }, read: { a: 33, b: 67 } },
  { weights: { a: 2, b: 1 }, read: { a: 67, b: 33 } },
  { weights: { a: 2, b: 5 }, read: { a: 29, b: 71 } },
  { weights: { a: 1, b: 1, c: 1 }, read: { a: 34, b: 33, c: 33 } },
  { weights: { c: 1, b: 1, a: 1 }, read: { a: 34, b: 33, c: 33 } },
  { weights: { a: 1, b: 7 }, read: { a: 13, b: 87 } },
  { weights: { a: 999, b: 1 }, read: { a: 99, b: 1 } },
  { weights: { a: 999, b: 1, c: 1, d: 1, e: 1 }, read: { a: 96, b: 1, c: 1, d: 1, e: 1 } },
  { weights: { a: 3, b: 1, theirs: 96 }, read: { a: 75, b: 25 } },
  { weights: { a: 0, theirs: 1 }, read: { a: 0 } },
])('weights of $weights are read as $read', ({ weights, read }) => {
  expect(Object.fromEntries(sharesOf(mapOf(weights), THEIRS))).toEqual(read)
})

test('every split that a forward can have is read as shares that sum to all there is, and none that gets requests as 0', () => {
  for (let a = 0; a <= 999; a += 1)
    for (const b of [0, 1, 2, 3, 7, 10, 99, 333, 500, 998, 999]) {
      const read = [...sharesOf(mapOf({ a, b }), NOBODY).values()]
      expect(read.reduce((sum, one) => sum + one, 0)).toBe(a + b === 0 ? 0 : 100)
      expect(read.map((one) => one > 0)).toEqual([a > 0, b > 0])
    }
})

test.for<{ readonly now: Weights; readonly written: Weights | undefined }>([
  { now: { a: 1 }, written: { a: 70, b: 30 } },
  { now: { a: 999, b: 1 }, written: { a: 70, b: 30 } },
  { now: { a: 1, theirs: 0 }, written: { a: 70, b: 30, theirs: 0 } },
  { now: { a: 80, theirs: 20 }, written: { a: 70, b: 30, theirs: 25 } },
  { now: { a: 70, b: 30, theirs: 25 }, written: { a: 70, b: 30, theirs: 25 } },
  { now: { a: 1, theirs: 1, 'more of theirs': 2 }, written: { a: 70, b: 30, theirs: 100, 'more of theirs': 200 } },
  { now: { a: 999, theirs: 1 }, written: { a: 699, b: 300, theirs: 1 } },
  { now: { a: 999, b: 999, theirs: 2 }, written: { a: 699, b: 300, theirs: 1 } },
  { now: { a: 101, theirs: 899 }, written: { a: 71, b: 30, theirs: 899 } },
  { now: { a: 1, theirs: 999 }, written: undefined },
  { now: { a: 0, theirs: 1 }, written: undefined },
])('70 to 30 is written to $now as $written', ({ now, written }) => {
  const native = nativeWeights(mapOf(now), mapOf({ a: 70, b: 30 }), THEIRS)
  expect(native === undefined ? undefined : Object.fromEntries(native)).toEqual(written)
})

test('whatever part others have of a forward they keep, however often the rest is shared anew, and it is read as it was written', () => {
  for (let part = 1; part <= 999; part += 1)
    for (const others of [1, 3, 100, 997]) {
      let now = mapOf({ a: part, theirs: others })
      for (const units of [95, 50, 1, 0]) {
        const wanted = mapOf({ a: units, b: 100 - units })
        const native = nativeWeights(now, wanted, THEIRS)
        if (native === undefined) break
        expect(Object.fromEntries(sharesOf(native, THEIRS))).toEqual(Object.fromEntries(wanted))
        const [a = 0, b = 0, theirs = 0] = ['a', 'b', 'theirs'].map((arn) => native.get(arn) ?? NaN)
        // Whole numbers: a product either way, and no rounding.
        expect((a + b) * others).toBe(theirs * part)
        expect(Math.max(a, b, theirs)).toBeLessThanOrEqual(999)
        now = native
      }
      if (part * 9 > others) expect(now.size, `${part} beside ${others}`).toBe(3)
    }
})

test("a fleet whose listener also sends to another's target group is rolled, and that keeps its part", async () => {
  const { site, listener } = await shared({ web: 3, theirs: 1 })
  const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
  const rollout = await web.start(await web.plan({ image: NEW, strategy: canary({ weights: [5, 33], bake: '30s' }) }))
  const seen = await partsOf(site, listener, rollout)
  expect(rollout.state.outcome).toBe('promoted')
  expect([...seen.theirs]).toEqual([0.25])
  expect([...seen.candidate]).toEqual([0, 5, 33, 100])
})

test('where others have so much that no percent of the rest can be told, a canary goes by count and a switch is refused when it is planned', async () => {
  const { site, listener } = await shared({ web: 1, theirs: 999 })
  const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
  const plan = await web.plan({ image: NEW, strategy: canary({ weights: [5], bake: '30s' }) })
  expect(new Set(plan.waypoints.map(({ shape }) => shape.routing.by))).toEqual(new Set(['count']))
  const refused = web.plan({ image: NEW, strategy: blueGreen() })
  await expect(refused).rejects.toThrow(/so much that no percent of the rest can be told by weights of at most 999/)
  const router = alb(aws(site.access), { listeners: [listener] })
  await router.prepare(target, 'web-v001', context)
  const set = router.setWeights(target, { web: 100, 'web-v001': 0 }, { web: 95, 'web-v001': 5 }, context)
  await expect(set).rejects.toThrow(/another fleet 999.*cannot be shared as 95 to 5/)
  expect(weightsOf(site, listener)).toEqual({ web: 1, theirs: 999, 'web-v001': 0 })
})

/** A listener that sends to the fleet and to instances of a group that is none of it. */
async function shared({ web, theirs }: { readonly web: number; readonly theirs: number }) {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const { elb, autoScaling, ec2 } = site.owner
  const [own = ''] = site.account.targetGroups.keys()
  const { TargetGroups: made } = await elb.createTargetGroup({ Name: 'theirs', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' })
  const other = made![0]!.TargetGroupArn!
  const forward = {
    TargetGroups: Object.entries({ [own]: web, [other]: theirs }).map(([arn, weight]) => ({
      TargetGroupArn: arn,
      Weight: weight,
    })),
  }
  await elb.modifyListener({ ListenerArn: listener, DefaultActions: [{ Type: 'forward', ForwardConfig: forward }] })
  const { LaunchTemplateId } = (await ec2.describeLaunchTemplates({})).LaunchTemplates![0]!
  await autoScaling.createAutoScalingGroup({
    AutoScalingGroupName: 'theirs',
    MinSize: 1,
    MaxSize: 1,
    LaunchTemplate: { LaunchTemplateId: LaunchTemplateId!, Version: '1' },
    TargetGroupARNs: [other],
  })
  site.world.runUntil(site.world.now + 120_000)
  return { site, listener }
}

/** Drives to the end: each part of the listener's requests that others had, and each percent of the rest that the candidate had. */
async function partsOf(site: Site, listener: string, rollout: Rollout) {
  const [theirs, candidate] = [new Set<number>(), new Set<number>()]
  while (rollout.state.phase !== 'done') {
    await drive(site, rollout, 1)
    const { web = 0, theirs: others = 0, 'web-v001': next = 0 } = weightsOf(site, listener)
    theirs.add(others / (web + others + next))
    candidate.add((100 * next) / (web + next))
  }
  return { theirs, candidate }
}

function weightsOf({ account }: Site, listener: string): Record<string, number> {
  const rule = [...account.rules.values()].find((one) => one.listener === listener && one.isDefault)
  return Object.fromEntries((rule?.forwards ?? []).map(({ arn, weight }) => [account.targetGroups.get(arn)?.name ?? arn, weight]))
}

function mapOf(weights: Weights): ReadonlyMap<string, number> {
  return new Map(Object.entries(weights))
}

testTheWire()
