import { canary } from 'imago'
import { expect, test } from 'vitest'
import { awsCli, noAwsCli } from '../witnesses/aws-cli.ts'
import { NEW, setUpFleet } from './fleet.ts'
import { CLONED, drive, leftovers, newStore, startProcess } from './rolling.ts'
import { createSite, testTheWire } from './site.ts'

test('AWS’s own command line sees what a rollout does, and what it changes in the middle is heeded', async (context) => {
  if (noAwsCli !== undefined) return context.skip(noAwsCli)
  const site = await createSite()
  const { listener } = await setUpFleet(site)
  const cli = (...command: string[]) => awsCli(site.endpoint, ...command)
  const { web } = startProcess(site, { listener, groups: CLONED, store: newStore(site) })
  expect(await cli('autoscaling', 'describe-auto-scaling-groups', '--query', SEEN)).toEqual([['web', 3, 1, []]])

  const rollout = await web.start(await web.plan({ image: NEW, strategy: canary({ weights: [34], bake: '5m' }) }))
  const given = () => [...site.account.rules.values()].flatMap((one) => one.forwards.map(({ weight }) => weight))
  for (let turn = 0; turn < 100 && !given().includes(34); turn++) await drive(site, rollout, 1)
  expect(await cli('elbv2', 'describe-rules', '--listener-arn', listener, '--query', WEIGHTS)).toEqual([66, 34])
  expect(await cli('autoscaling', 'describe-auto-scaling-groups', '--query', CLAIMED)).toEqual(['web'])

  // A person scales out: the candidate has to carry that too.
  await cli('autoscaling', 'set-desired-capacity', '--auto-scaling-group-name', 'web', '--desired-capacity', '5')
  await drive(site, rollout)
  expect(rollout.state.outcome).toBe('promoted')
  expect(await cli('autoscaling', 'describe-auto-scaling-groups', '--query', SEEN)).toEqual([['web-v001', 5, 1, []]])
  const images = ['--query', 'Reservations[].Instances[].ImageId', '--filters', 'Name=instance-state-name,Values=running']
  expect(new Set((await cli('ec2', 'describe-instances', ...images)) as string[])).toEqual(new Set([NEW]))
  const [group] = [...site.account.targetGroups.keys()]
  const health = ['--target-group-arn', group!, '--query', 'TargetHealthDescriptions[].TargetHealth.State']
  expect(await cli('elbv2', 'describe-target-health', ...health)).toEqual(Array.from({ length: 5 }, () => 'healthy'))
  expect(leftovers(site)).toEqual([])
}, 120_000)

const SEEN = 'AutoScalingGroups[].[AutoScalingGroupName, DesiredCapacity, MinSize, SuspendedProcesses[].ProcessName]'
const CLAIMED = 'AutoScalingGroups[?Tags[?Key==`imago:claim`]].AutoScalingGroupName'
const WEIGHTS = 'Rules[].Actions[].ForwardConfig.TargetGroups[].Weight'

testTheWire()
