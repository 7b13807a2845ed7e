import { expect, test } from 'vitest'
import { NEW, setUpFleet } from './fleet.ts'
import { createSite, testTheWire, type Site } from './site.ts'
import { tracesOf } from './traces.ts'

const GROUP = { AutoScalingGroupName: 'web' }

/** What somebody leaves, and what is said of it. */
const left: Readonly<Record<string, (site: Site) => Promise<unknown>>> = {
  'web bears imago:claim': ({ owner }) => tag(owner, 'imago:claim'),
  'web bears imago:scale-in-store': ({ owner }) => tag(owner, 'imago:scale-in-store'),
  'web has AZRebalance suspended': ({ owner: { autoScaling } }) =>
    autoScaling.suspendProcesses({ ...GROUP, ScalingProcesses: ['AZRebalance'] }),
  'web has a minimum of 2, not 1': ({ owner: { autoScaling } }) => autoScaling.updateAutoScalingGroup({ ...GROUP, MinSize: 2 }),
  'web has a minimum of 0, not 1': ({ owner: { autoScaling } }) => autoScaling.updateAutoScalingGroup({ ...GROUP, MinSize: 0 }),
  'web protects its instances as they start': ({ owner: { autoScaling } }) =>
    autoScaling.updateAutoScalingGroup({ ...GROUP, NewInstancesProtectedFromScaleIn: true }),
  'web protects i-': ({ owner: { autoScaling }, account }) =>
    autoScaling.setInstanceProtection({
      ...GROUP,
      InstanceIds: [...account.instances.keys()].slice(0, 1),
      ProtectedFromScaleIn: true,
    }),
  'nothing launches from the launch template web-v001-r-1': ({ owner: { ec2 } }) =>
    ec2.createLaunchTemplate({
      LaunchTemplateName: 'web-v001-r-1',
      LaunchTemplateData: { ImageId: NEW },
      TagSpecifications: [{ ResourceType: 'launch-template', Tags: [{ Key: 'imago:fleet', Value: 'web' }] }],
    }),
  'nothing registers with the target group web-v001': ({ owner: { elb } }) =>
    elb.createTargetGroup({ Name: 'web-v001', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1', Tags: MARK }),
  'a listener bears imago:leaving:web': ({ owner: { elb }, account }) =>
    elb.addTags({ ResourceArns: [...account.listeners.keys()], Tags: [{ Key: 'imago:leaving:web', Value: 'web' }] }),
}
const MARK = [{ Key: 'imago:fleet', Value: 'web' }]

test.for(Object.entries(left))('what is left is found: %s', async ([what, leave]) => {
  const site = await createSite()
  await setUpFleet(site)
  expect(tracesOf(site.account, 1)).toEqual([])
  await leave(site)
  expect(tracesOf(site.account, 1).map((one) => one.what)).toEqual([expect.stringContaining(what)])
})

testTheWire()

function tag({ autoScaling }: Site['owner'], Key: string): Promise<unknown> {
  const tagged = { ResourceId: 'web', ResourceType: 'auto-scaling-group', Key, Value: 'x', PropagateAtLaunch: false }
  return autoScaling.createOrUpdateTags({ Tags: [tagged] })
}
