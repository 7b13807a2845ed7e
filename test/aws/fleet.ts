import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2'
import type { Site } from './site.ts'

/** The image that a fleet runs, and another one. */
export const [OLD, NEW] = ['ami-0000000000000000a', 'ami-0000000000000000b']

export interface FleetSettings {
  /** Of the group. @default 'web' */
  readonly name?: string
  readonly size?: number
  readonly min?: number
  readonly max?: number
  /** More settings of its launch template. */
  readonly launch?: RequestLaunchTemplateData
  /** Which kind of load balancer sends to it: by weights, or by count. */
  readonly balancer?: 'app' | 'net'
}

/** A rule of a fleet's listener that takes requests with a header, and forwards to its target group for now. */
export async function previewRule({ owner: { elb }, account }: Site, ListenerArn: string): Promise<string> {
  const [TargetGroupArn = ''] = account.targetGroups.keys()
  const Conditions = [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x-preview', Values: ['1'] } }]
  const Actions = [{ Type: 'forward' as const, TargetGroupArn }]
  const { Rules } = await elb.createRule({ ListenerArn, Priority: 1, Conditions, Actions })
  return Rules![0]!.RuleArn!
}

/** A group behind a listener whose instances are up. */
export async function setUpFleet(site: Site, settings: FleetSettings = {}): Promise<{ listener: string }> {
  site.publish(OLD)
  site.publish(NEW)
  const made = await makeFleet(site, settings)
  site.world.runUntil(site.world.now + 120_000)
  return made
}

/** A listener that forwards to a target group of nobody yet. */
export async function makeListener(
  { owner: { elb } }: Site,
  balancer: 'app' | 'net' = 'app',
): Promise<{ readonly listener: string; readonly targetGroup: string }> {
  const { TargetGroups: groups } = await elb.createTargetGroup({ Name: 'web', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' })
  const targetGroup = groups![0]!.TargetGroupArn!
  const { Listeners: listeners } = await elb.createListener({
    LoadBalancerArn: `arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/${balancer}/web/50dc6c495c0c9188`,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroup }],
  })
  return { listener: listeners![0]!.ListenerArn!, targetGroup }
}

/** A group behind a listener, as its owner would make it. */
export async function makeFleet(
  site: Site,
  { name = 'web', size = 3, min = 1, max = 10, launch = {}, balancer = 'app' }: FleetSettings = {},
): Promise<{ listener: string }> {
  const { owner } = site
  const { LaunchTemplate: template } = await owner.ec2.createLaunchTemplate({
    LaunchTemplateName: 'web',
    LaunchTemplateData: { ImageId: OLD, InstanceType: 't3.micro', ...launch },
  })
  const { listener, targetGroup } = await makeListener(site, balancer)
  await owner.autoScaling.createAutoScalingGroup({
    AutoScalingGroupName: name,
    MinSize: min,
    MaxSize: max,
    DesiredCapacity: size,
    LaunchTemplate: { LaunchTemplateId: template!.LaunchTemplateId!, Version: '$Latest' },
    HealthCheckType: 'ELB',
    HealthCheckGracePeriod: 60,
    TargetGroupARNs: [targetGroup],
  })
  return { listener }
}

/** A second group beside `web`, empty and behind a target group of its own or the same one, as infrastructure code would make two slots. */
export async function addSlot(
  { owner: { autoScaling, ec2, elb }, account }: Site,
  balancer: 'app' | 'net' = 'app',
): Promise<void> {
  const [first = ''] = account.targetGroups.keys()
  const [listener = ''] = account.listeners.keys()
  const { LaunchTemplate: template } = await ec2.createLaunchTemplate({
    LaunchTemplateName: 'web-b',
    LaunchTemplateData: { ImageId: OLD, InstanceType: 't3.micro' },
  })
  const { TargetGroups: made } =
    balancer === 'net' ? {} : await elb.createTargetGroup({ Name: 'web-b', Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' })
  const second = made?.[0]?.TargetGroupArn ?? first
  const forward = { TargetGroups: [first, second].map((arn, index) => ({ TargetGroupArn: arn, Weight: index === 0 ? 100 : 0 })) }
  if (second !== first)
    await elb.modifyListener({ ListenerArn: listener, DefaultActions: [{ Type: 'forward', ForwardConfig: forward }] })
  await autoScaling.createAutoScalingGroup({
    AutoScalingGroupName: 'web-b',
    MinSize: 0,
    MaxSize: 10,
    DesiredCapacity: 0,
    LaunchTemplate: { LaunchTemplateId: template!.LaunchTemplateId!, Version: '$Latest' },
    HealthCheckType: 'ELB',
    HealthCheckGracePeriod: 60,
    TargetGroupARNs: [second],
  })
}
