import { AutoScaling } from '@aws-sdk/client-auto-scaling'
import { EC2 } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { blueGreen, clone, createImago } from 'imago'
import { alb, aws } from 'imago/aws'
import { memoryStore } from 'imago/stores/memory'
import { expect, onTestFinished, test } from 'vitest'
import { CREATE_BEFORE_DESTROY } from '../aws/beside.tf.ts'
import { hurried, systemOf } from '../witnesses/hurry.ts'
import { fillGaps } from '../witnesses/moto-gaps.ts'
import { noMoto, startMoto } from '../witnesses/moto.ts'
import { noTerraform, terraformWith } from '../witnesses/terraform.ts'

// The same change, a new image for three instances, once by `terraform apply` and once by imago, on one moto: its instances are well at once.

test('a new image by terraform apply with create_before_destroy, and by imago', { timeout: 900_000 }, async (context) => {
  const missing = noTerraform ?? noMoto
  if (missing !== undefined) return context.skip(missing)
  const account = await anAccount()
  const { calls, endpoint, images } = account
  const terraform = await terraformWith(CREATE_BEFORE_DESTROY, { endpoint, image: images[0] })
  onTestFinished(() => terraform.close())
  const { listener = '' } = await terraform.apply()

  const byTerraform = await measured(account, async () => {
    await terraform.apply({ image: images[1] })
    return { countedMs: undefined }
  })
  const { group = '' } = await terraform.apply()
  expect(await account.running()).toEqual([images[1], images[1], images[1]])

  const byImago = await measured(account, async () => {
    const clock = hurried()
    const began = clock.now()
    const cloud = aws({ ...access(endpoint), clock })
    const store = memoryStore({ id: 'store', now: clock.now })
    const imago = createImago({ store, providers: { cloud }, system: systemOf(clock) })
    const traffic = alb(cloud, { listeners: [listener] })
    const web = imago.fleet('web', { provider: 'cloud', groups: clone({ adopt: group }), traffic })
    await web.roll({ image: images[2], strategy: blueGreen({ bake: '30s' }) })
    await imago.close()
    return { countedMs: clock.now() - began }
  })
  expect(await account.running()).toEqual([images[2], images[2], images[2]])
  expect(byImago.fewestHealthy).toBeGreaterThanOrEqual(3)
  console.log(JSON.stringify({ byTerraform, byImago }, undefined, 2))
  calls.clear()
})

/** What it asked AWS for, how long it took, and how few instances were healthy behind the listener meanwhile. */
async function measured(account: Account, change: () => Promise<{ readonly countedMs: number | undefined }>) {
  account.calls.clear()
  let fewest = Infinity
  const over = new AbortController()
  const watching = (async () => {
    while (!over.signal.aborted) fewest = Math.min(fewest, await account.healthy())
  })()
  const began = performance.now()
  const { countedMs } = await change()
  const wallMs = performance.now() - began
  over.abort()
  await watching
  const all = [...account.calls].toSorted(([a], [b]) => a.localeCompare(b))
  const changes = all.filter(([name]) => !/^(Describe|Get|List|RunInstances)/.test(name))
  const sum = (some: typeof all) => some.reduce((total, [, count]) => total + count, 0)
  return {
    seconds: Math.round((countedMs ?? wallMs) / 1_000),
    calls: sum(all),
    changes: sum(changes),
    changed: Object.fromEntries(changes),
    fewestHealthy: fewest,
  }
}

type Account = Awaited<ReturnType<typeof anAccount>>

/** An AWS with three images, and who looks at it without being counted. */
async function anAccount() {
  const moto = await startMoto()
  const calls = new Map<string, number>()
  const { endpoint, close } = await fillGaps(moto.endpoint, (action) => calls.set(action, (calls.get(action) ?? 0) + 1))
  const ec2 = new EC2(access(moto.endpoint))
  const elb = new ElasticLoadBalancingV2(access(moto.endpoint))
  const autoScaling = new AutoScaling(access(moto.endpoint))
  onTestFinished(async () => {
    for (const one of [ec2, elb, autoScaling]) one.destroy()
    await close()
    await moto.close()
  })
  const made = async (name: string) => (await ec2.registerImage({ Name: name, Architecture: 'x86_64' })).ImageId!
  const images = [await made('first'), await made('second'), await made('third')] as const
  return { calls, endpoint, images, running, healthy }

  async function running(): Promise<string[]> {
    const { AutoScalingGroups: groups = [] } = await autoScaling.describeAutoScalingGroups({})
    const ids = groups.flatMap((one) => one.Instances ?? []).flatMap((one) => one.InstanceId ?? [])
    const { Reservations: found = [] } = await ec2.describeInstances({ InstanceIds: ids })
    return found.flatMap((one) => one.Instances ?? []).flatMap((one) => one.ImageId ?? [])
  }

  /** Instances of groups whose target group gets traffic; those that moto has terminated are no target of anybody. */
  async function healthy(): Promise<number> {
    const { LoadBalancers: balancers = [] } = await elb.describeLoadBalancers({})
    const { Listeners: listeners = [] } = await elb.describeListeners({ LoadBalancerArn: balancers[0]?.LoadBalancerArn })
    const carrying = (listeners[0]?.DefaultActions ?? []).flatMap((action) => {
      const weighted = action.ForwardConfig?.TargetGroups ?? []
      if (weighted.length === 0) return action.TargetGroupArn ?? []
      return weighted.flatMap((one) => ((one.Weight ?? 1) > 0 ? (one.TargetGroupArn ?? []) : []))
    })
    const { AutoScalingGroups: groups = [] } = await autoScaling.describeAutoScalingGroups({})
    const serving = groups.filter((one) => (one.TargetGroupARNs ?? []).some((arn) => carrying.includes(arn)))
    return serving.flatMap((one) => one.Instances ?? []).filter((one) => one.LifecycleState === 'InService').length
  }
}

function access(endpoint: string) {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret of nobody' }
  return { region: 'us-east-1', endpoint, credentials }
}
