import { AutoScaling } from '@aws-sdk/client-auto-scaling'
import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { blueGreen, canary, clone, createImago, type RolloutSpec } from 'imago'
import { alb, aws } from 'imago/aws'
import { memoryStore } from 'imago/stores/memory'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fillGaps, UNSHOWN } from '../witnesses/moto-gaps.ts'
import { hurried, systemOf } from '../witnesses/hurry.ts'
import { noMoto, startMoto } from '../witnesses/moto.ts'
import { share, SHARE_MS } from '../kit/share.ts'

// Another reading of AWS's APIs, by people who never heard of imago: what it understands otherwise than our own server shows here.

const account = { endpoint: '', close: async (): Promise<void> => undefined }
const access = () => ({
  region: 'us-east-1',
  endpoint: account.endpoint,
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret of nobody' },
})
const strategies: Readonly<Record<string, RolloutSpec['strategy']>> = {
  'blue/green': blueGreen({ bake: '30s' }),
  canary: canary({ weights: [34, 67], bake: '30s' }),
}

describe('on moto', () => {
  beforeAll(async () => {
    if (noMoto !== undefined) return
    const moto = await startMoto()
    const filled = await fillGaps(moto.endpoint)
    account.endpoint = filled.endpoint
    account.close = async () => {
      await filled.close()
      await moto.close()
    }
  }, 60_000)
  afterAll(() => account.close())

  // Both go through our own server every time.
  const drawn = share(Object.keys(strategies), 2)
  test.for(drawn)('%s replaces a group behind a load balancer', { timeout: SHARE_MS }, async (name, context) => {
    if (noMoto !== undefined) return context.skip(noMoto)
    const fleet = `web-${name.replace('/', '-')}`
    const { owner, images, listener } = await setUp(fleet)
    const clock = hurried()
    const cloud = aws({ ...access(), clock })
    const imago = createImago({
      store: memoryStore({ now: clock.now, id: 'store' }),
      providers: { cloud },
      system: systemOf(clock),
    })
    const traffic = alb(cloud, { listeners: [listener] })
    const web = imago.fleet('web', { provider: 'cloud', groups: clone({ adopt: fleet }), traffic })
    const rollout = await web.start(await web.plan({ image: images.next, strategy: strategies[name] as never }))
    const { outcome, reason } = await rollout.run()
    expect([outcome, reason]).toEqual(['promoted', 'every gate opened'])
    await imago.close()

    const { AutoScalingGroups: groups = [] } = await owner.autoScaling.describeAutoScalingGroups({})
    const own = groups.filter((one) => one.AutoScalingGroupName?.startsWith(fleet) === true)
    expect(own.map((one) => [one.AutoScalingGroupName, one.DesiredCapacity, one.MinSize])).toEqual([[`${fleet}-v001`, 3, 1]])
    expect(own[0]?.Tags?.map((one) => one.Key).toSorted()).toEqual(['imago:fleet', 'imago:rollout'])
    const { Reservations: found = [] } = await owner.ec2.describeInstances({
      Filters: [
        { Name: 'tag:aws:autoscaling:groupName', Values: [`${fleet}-v001`] },
        { Name: 'instance-state-name', Values: ['running'] },
      ],
    })
    const running = found.flatMap((one) => one.Instances ?? [])
    expect(running.map((one) => one.ImageId)).toEqual([images.next, images.next, images.next])
    const { TargetGroups: targetGroups = [] } = await owner.elb.describeTargetGroups({})
    expect(targetGroups.map((one) => one.TargetGroupName).filter((one) => one?.startsWith(fleet))).toEqual([`${fleet}-v001`])
    for (const client of Object.values(owner)) client.destroy()
  })

  test.for(UNSHOWN)('cannot show %s', (what, context) => context.skip(`moto: ${what}`))
})

/** A fleet as its owner makes it, in a network of its own. */
async function setUp(name: string) {
  const owner = { autoScaling: new AutoScaling(access()), ec2: new EC2(access()), elb: new ElasticLoadBalancingV2(access()) }
  const { Vpc } = await owner.ec2.createVpc({ CidrBlock: '10.0.0.0/16' })
  const subnets: string[] = []
  for (const [index, zone] of ['us-east-1a', 'us-east-1b'].entries()) {
    const given = { VpcId: Vpc!.VpcId!, CidrBlock: `10.0.${index}.0/24`, AvailabilityZone: zone }
    subnets.push((await owner.ec2.createSubnet(given)).Subnet!.SubnetId!)
  }
  const image = async (label: string) =>
    (await owner.ec2.registerImage({ Name: `${name} ${label}`, Architecture: 'x86_64' })).ImageId!
  const images = { first: await image('first'), next: await image('next') }
  const data = { ImageId: images.first, InstanceType: 't3.micro' as const }
  const { LaunchTemplate } = await owner.ec2.createLaunchTemplate({ LaunchTemplateName: name, LaunchTemplateData: data })
  const { TargetGroups } = await owner.elb.createTargetGroup({ Name: name, Protocol: 'HTTP', Port: 80, VpcId: Vpc!.VpcId! })
  const TargetGroupArn = TargetGroups![0]!.TargetGroupArn!
  const { LoadBalancers } = await owner.elb.createLoadBalancer({ Name: name, Subnets: subnets, Scheme: 'internal' })
  const { Listeners } = await owner.elb.createListener({
    LoadBalancerArn: LoadBalancers![0]!.LoadBalancerArn!,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
  })
  await owner.autoScaling.createAutoScalingGroup({
    AutoScalingGroupName: name,
    MinSize: 1,
    MaxSize: 10,
    DesiredCapacity: 3,
    LaunchTemplate: { LaunchTemplateId: LaunchTemplate!.LaunchTemplateId!, Version: '1' },
    VPCZoneIdentifier: subnets.join(','),
    TargetGroupARNs: [TargetGroupArn],
    HealthCheckType: 'ELB',
    HealthCheckGracePeriod: 60,
  })
  return { owner, images, listener: Listeners![0]!.ListenerArn! }
}
