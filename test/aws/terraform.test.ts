import { AutoScaling } from '@aws-sdk/client-auto-scaling'
import { EC2 } from '@aws-sdk/client-ec2'
import { blueGreen, createImago, slots, type EventType, type Rollout, type RolloutStore, type System } from 'imago'
import { alb, aws } from 'imago/aws'
import { memoryStore } from 'imago/stores/memory'
import { expect, onTestFinished, test } from 'vitest'
import { hurried, systemOf } from '../witnesses/hurry.ts'
import { fillGaps } from '../witnesses/moto-gaps.ts'
import { noMoto, startMoto } from '../witnesses/moto.ts'
import { noTerraform, terraformWith } from '../witnesses/terraform.ts'
import { twoSlots } from './slots.tf.ts'

// Terraform itself says whether two slots are as their owner wrote them, once imago has rolled from one to the other.

const DAY_MS = 86_400_000
const STRATEGY = blueGreen({ bake: '30s' })

test(
  'terraform finds nothing to do after a rollout, after one that went back, and after one that was killed and swept',
  {
    timeout: 600_000,
  },
  async (context) => {
    const missing = noTerraform ?? noMoto
    if (missing !== undefined) return context.skip(missing)
    const { endpoint, image, next, last, autoScaling } = await anAccount()
    const terraform = await terraformWith(await twoSlots(), { endpoint, image })
    onTestFinished(() => terraform.close())
    const { listener = '' } = await terraform.apply()
    expect(await terraform.plan()).toMatchObject({ code: 0 })
    const clock = hurried()
    const store = memoryStore({ id: 'store', now: clock.now })

    const whole = process(endpoint, listener, store, clock)
    expect(await whole.roll(next)).toBe('promoted')
    await whole.close()
    expect(await sizes()).toEqual(['web-a 0', 'web-b 3'])
    expect(await terraform.plan()).toMatchObject({ code: 0 })

    const back = process(endpoint, listener, store, clock)
    expect(await back.roll(last, (rollout) => rollout.rollback({ reason: 'it is slow' }))).toBe('rolled-back')
    await back.close()
    expect(await sizes()).toEqual(['web-a 0', 'web-b 3'])
    expect(await terraform.plan()).toMatchObject({ code: 0 })

    const killed = process(endpoint, listener, store, clock)
    await killed.until(last, 'generation.created')
    await killed.close()
    // Its journal is lost with it, and its marks have run out by then.
    const later = hurried(DAY_MS)
    const sweeper = process(endpoint, listener, memoryStore({ id: 'another store', now: later.now }), later)
    expect(await sweeper.sweep()).toMatchObject([{ fleet: 'web', rollout: { outcome: 'rolled-back' } }])
    await sweeper.close()
    expect(await sizes()).toEqual(['web-a 0', 'web-b 3'])
    const { code, text } = await terraform.plan()
    expect(text).toContain('No changes')
    expect(code).toBe(0)

    async function sizes(): Promise<string[]> {
      const { AutoScalingGroups: groups = [] } = await autoScaling.describeAutoScalingGroups({})
      return groups.map((one) => `${one.AutoScalingGroupName} ${one.Instances?.length}`).toSorted()
    }
  },
)

/** An AWS with three images. */
async function anAccount() {
  const moto = await startMoto()
  const { endpoint, close } = await fillGaps(moto.endpoint)
  const ec2 = new EC2(access(endpoint))
  const autoScaling = new AutoScaling(access(endpoint))
  onTestFinished(async () => {
    ec2.destroy()
    autoScaling.destroy()
    await close()
    await moto.close()
  })
  const made = async (name: string) => (await ec2.registerImage({ Name: name, Architecture: 'x86_64' })).ImageId!
  return { endpoint, autoScaling, image: await made('first'), next: await made('next'), last: await made('last') }
}

function access(endpoint: string) {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret of nobody' }
  return { region: 'us-east-1', endpoint, credentials }
}

function process(endpoint: string, listener: string, store: RolloutStore, clock: System['clock']) {
  const cloud = aws({ ...access(endpoint), clock })
  const imago = createImago({ store, providers: { cloud }, system: systemOf(clock) })
  const traffic = alb(cloud, { listeners: [listener] })
  const web = imago.fleet('web', { provider: 'cloud', groups: slots('web-a', 'web-b'), traffic })
  const started = async (image: string) => web.start(await web.plan({ image, strategy: STRATEGY }))
  return {
    async roll(image: string, onShift?: (rollout: Rollout) => Promise<unknown>) {
      const rollout = await started(image)
      rollout.on('traffic.shifted', () => void onShift?.(rollout).catch(() => undefined))
      return (await rollout.run()).outcome
    },
    async until(image: string, type: EventType) {
      const rollout = await started(image)
      const reached = new Promise<'reached'>((tell) => rollout.on(type, () => tell('reached')))
      for (;;) {
        await rollout.tick()
        if ((await Promise.race([reached, clock.sleep(5_000)])) === 'reached') return
      }
    },
    sweep: () => imago.sweep({ by: 'ada' }),
    close: () => imago.close(),
  }
}
