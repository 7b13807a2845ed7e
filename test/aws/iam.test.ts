import { blueGreen, isRolloutError } from 'imago'
import { iamPolicy } from 'imago/aws'
import { expect, test } from 'vitest'
import { neededBy, superfluous } from '../kit/permissions.ts'
import { share, SHARE_MS } from '../kit/share.ts'
import { NEW, setUpFleet } from './fleet.ts'
import { ACCOUNT, actionsOf, proof, WHOLE } from './permissions.ts'
import { CLONED, drive, newStore, refusals, startProcess } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'

test('what a policy allows is enough, and nothing of it superfluous', { timeout: SHARE_MS }, async () => {
  const needed = await neededBy(proof)
  expect(await superfluous(proof, share(actionsOf(WHOLE), 43), needed)).toEqual([])
})

test('what was never marked is neither changed nor deleted, whoever asks', () => {
  const { Statement: statements } = iamPolicy({ ...ACCOUNT, features: ['groups', 'clone', 'alb'] })
  const destroying = statements.filter(({ Action: actions }) =>
    actions.some((one) => /:(?:Delete(?!Tags)|Terminate|Update)/.test(one)),
  )
  expect(destroying.length).toBeGreaterThan(3)
  for (const one of destroying) expect(one.Condition).toEqual({ StringLike: { 'aws:ResourceTag/imago:fleet': '*' } })
})

test('whoever may only plan can plan, and is told what he may not do when he starts, before anything is changed', async () => {
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  site.account.policy = iamPolicy({ ...ACCOUNT, to: 'plan' })
  const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
  const rollout = await web.start(await web.plan({ image: NEW, strategy: blueGreen() }))
  const refused = refusals(rollout)
  const before = JSON.stringify([...site.account.groups.values()].map((one) => [one.min, one.max, [...one.tags]]))
  await drive(site, rollout)
  expect(refused[0]).toMatch(/not authorized to perform: autoscaling:CreateOrUpdateTags/)
  expect(JSON.stringify([...site.account.groups.values()].map((one) => [one.min, one.max, [...one.tags]]))).toBe(before)
  const { outcome, reason, next } = await rollout.report()
  expect([outcome, next]).toEqual(['rolled-back', 'web serves alone, as before the rollout'])
  expect(reason).toContain('not authorized to perform: autoscaling:CreateOrUpdateTags')
})

test('a policy for all features fits into one that IAM manages', () => {
  const policy = iamPolicy({
    ...ACCOUNT,
    features: ['groups', 'clone', 'alb', 'ssm', 's3'],
    roles: ['web-*'],
    bucket: 'journals',
  })
  expect(JSON.stringify(policy).length).toBeLessThan(6_144)
  const sids = policy.Statement.map((one) => one.Sid)
  expect(new Set(sids).size).toBe(sids.length)
})

test.for([
  ['aws-cn', 'cn-north-1'],
  ['aws-us-gov', 'us-gov-west-1'],
  ['aws', 'eu-central-2'],
] as const)('resources are in the partition %s of %s', ([partition, region]) => {
  const { Statement: statements } = iamPolicy({
    account: '123456789012',
    region,
    features: ['groups', 's3'],
    bucket: 'b',
    roles: ['r'],
  })
  const arns = statements.flatMap((one) => one.Resource).filter((one) => one !== '*')
  expect(arns.every((one) => one.startsWith(`arn:${partition}:`))).toBe(true)
})

test('a policy that cannot be written is refused with every problem', () => {
  const bad = { account: '12', region: 'here', features: ['s3', 'gcp'], to: 'destroy' }
  try {
    iamPolicy(bad as never)
  } catch (error) {
    if (!isRolloutError(error, 'spec-invalid')) throw error
    const paths = error.facts.problems.map((one) => one.path).toSorted()
    expect(paths).toEqual(['options.account', 'options.features[1]', 'options.region', 'options.to'])
    return
  }
  throw new Error('it was written')
})

test('a store without a bucket is refused', () => {
  expect(() => iamPolicy({ ...ACCOUNT, features: ['s3'] })).toThrow(/options\.bucket.*which the feature s3 needs/)
})

testTheWire()
