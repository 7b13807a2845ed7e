import { canary, clone, createImago, type Rollout } from 'imago'
import { alb, aws } from 'imago/aws'
import { createLife, worldSystem } from 'imago/testing'
import { NEW, OLD } from './fleet.ts'
import { newStore } from './rolling.ts'
import { createSite, type Site } from './site.ts'
import { throttle } from './throttle.ts'
import type { Account } from './wire/account.ts'

/** What was called while many fleets are there and some of them are rolled. */
export interface Load {
  /** Turns of all rollouts, and how many a rollout was given one in. */
  readonly turns: number
  readonly looks: number
  /** The most calls of DescribeAutoScalingGroups in any ten seconds, the time from one look to the next. */
  readonly mostGroupReads: number
  /** Every other question to AWS, for each rollout that was given a turn. */
  readonly otherReads: number
  /** Calls by name, over all turns. */
  readonly calls: Readonly<Record<string, number>>
  readonly throttled: readonly string[]
  readonly outcomes: readonly string[]
}

/** As many fleets of two groups in one account, so many of which are rolled by canary, all by one process, for this long. */
export async function manyFleets({ fleets, rolling, forMs }: { fleets: number; rolling: number; forMs: number }): Promise<Load> {
  const site = await createSite({ standing: true })
  const { world, account } = site
  const listeners = await setUp(site, fleets)
  const throttled = throttle(account)
  const groupReads = timesOf(account, 'DescribeAutoScalingGroups')
  const life = createLife(world, { dies: () => false, loses: () => false }, () => undefined)
  const cloud = aws({ ...site.access, clients: site.clientsOf(life), clock: worldSystem(world, 'aws').clock })
  const imago = createImago({
    store: newStore(site),
    providers: { aws: cloud },
    system: worldSystem(world, 'driver', { user: 'ada' }),
  })
  const declared = listeners.map((listener, index) =>
    imago.fleet(name(index), {
      provider: 'aws',
      groups: clone({ adopt: name(index) }),
      traffic: alb(cloud, { listeners: [listener] }),
    }),
  )
  // Loads the packages of AWS, for which the world does not wait.
  await declared[0]!.plan({ image: NEW, strategy: STRATEGY })
  const rollouts: Rollout[] = []
  for (const web of declared.slice(0, rolling)) {
    rollouts.push(await site.drive(web.plan({ image: NEW, strategy: STRATEGY }).then((plan) => web.start(plan))))
  }
  account.calls.clear()
  groupReads.length = 0
  let [turns, looks] = [0, 0]
  for (const endsAt = world.now + forMs; world.now < endsAt; turns++) {
    const nextAt = world.now + LOOKS_APART_MS
    looks += (await site.drive(imago.tick())).turns.length
    world.runUntil(Math.max(world.now, nextAt))
  }
  const outcomes = rollouts.map((one) => one.state.outcome ?? one.state.phase)
  await site.close()
  const others = [...account.calls].filter(([call]) => /\.(?:Describe|List|Get)/.test(call) && call !== GROUPS)
  const otherReads = others.reduce((sum, [, count]) => sum + count, 0) / looks
  const mostGroupReads = mostWithin(groupReads, LOOKS_APART_MS)
  return { turns, looks, mostGroupReads, otherReads, calls: Object.fromEntries(account.calls), throttled, outcomes }
}

/** When such calls come in. */
function timesOf(account: Account, wanted: string): number[] {
  const times: number[] = []
  const throttles = account.throttles
  account.throttles = (service, operation) => {
    if (operation === wanted) times.push(account.world.now)
    return throttles(service, operation)
  }
  return times
}

/** The most of these times that lie less than so long apart. */
function mostWithin(times: readonly number[], ms: number): number {
  let [most, first] = [0, 0]
  for (const [index, time] of times.entries()) {
    while (time - times[first]! >= ms) first++
    most = Math.max(most, index - first + 1)
  }
  return most
}

const GROUPS = 'autoScaling.DescribeAutoScalingGroups'
const STRATEGY = canary({ weights: [50], bake: '10m' })
const LOOKS_APART_MS = 10_000

/** Fleets as their owners made them: a group behind a listener of its own, and another one beside it. @returns the listeners. */
async function setUp({ owner, publish, world }: Site, fleets: number): Promise<string[]> {
  publish(OLD)
  publish(NEW)
  const LaunchTemplateData = { ImageId: OLD, InstanceType: 't3.micro' as const }
  const { LaunchTemplate } = await owner.ec2.createLaunchTemplate({ LaunchTemplateName: 'web', LaunchTemplateData })
  const template = { LaunchTemplate: { LaunchTemplateId: LaunchTemplate!.LaunchTemplateId!, Version: '1' }, MaxSize: 4 }
  const listeners: string[] = []
  for (let index = 0; index < fleets; index++) {
    const { TargetGroups } = await owner.elb.createTargetGroup({ Name: name(index), Protocol: 'HTTP', Port: 80, VpcId: 'vpc-1' })
    const TargetGroupArn = TargetGroups![0]!.TargetGroupArn!
    const { Listeners } = await owner.elb.createListener({
      LoadBalancerArn: `arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/${name(index)}/50dc6c495c0c9188`,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    })
    listeners.push(Listeners![0]!.ListenerArn!)
    const group = { ...template, MinSize: 2, TargetGroupARNs: [TargetGroupArn] }
    await owner.autoScaling.createAutoScalingGroup({ AutoScalingGroupName: name(index), ...group })
    await owner.autoScaling.createAutoScalingGroup({ AutoScalingGroupName: `${name(index)}-jobs`, ...template, MinSize: 0 })
  }
  world.runUntil(world.now + 120_000)
  return listeners
}

function name(index: number): string {
  return `web-${index}`
}
