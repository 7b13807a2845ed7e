import { blueGreen, canary, inPlace, rolling, slots, type EventType, type Rollout } from 'imago'
import { expect, test } from 'vitest'
import { addSlot, NEW, setUpFleet } from './fleet.ts'
import { CLONED, drive, leftovers, newStore, startProcess, staying, type Job } from './rolling.ts'
import { createSite, testTheWire, type Site } from './site.ts'
import { membersOf } from './wire/autoscaling/find.ts'

const [SIZE, DEMAND] = [3, 9]
const BOOT_MS = 40_000
/** From the first word of an alarm until all that was needed for it serves: two looks of 15 s beside the boot. */
const FOLLOWED_MS = BOOT_MS + 30_000

interface Middle {
  readonly middle: EventType
  /** In place an alarm's word counts the surge in, which nobody can tell from it: so many may be missing until the rollout is over. */
  readonly lent?: number
}

/** Each is in its middle at the first of these events: both releases are there, and where they can they share the traffic. */
const jobs: Readonly<Record<string, Pick<Job, 'strategy' | 'groups' | 'balancer'> & Middle>> = {
  'blue/green, a clone': { strategy: blueGreen({ bake: '2m' }), groups: CLONED, middle: 'generation.created' },
  'canary, a clone': { strategy: canary({ weights: [34, 67], bake: '5m' }), groups: CLONED, middle: 'traffic.shifted' },
  'rolling, a clone': { strategy: rolling({ maxSurge: 2 }), groups: CLONED, middle: 'instance.healthy' },
  'rolling, in place': { strategy: rolling({ maxSurge: 2 }), groups: inPlace('web'), middle: 'instance.healthy', lent: 2 },
  'blue/green, slots': { strategy: blueGreen({ bake: '2m' }), groups: slots('web', 'web-b'), middle: 'generation.created' },
  'canary, slots': {
    strategy: canary({ weights: [34, 67], bake: '5m' }),
    groups: slots('web', 'web-b'),
    middle: 'traffic.shifted',
  },
  'canary by count, a clone': {
    strategy: canary({ weights: [34, 67], bake: '5m' }),
    groups: CLONED,
    balancer: 'net',
    middle: 'instance.healthy',
  },
  'canary by count, in place': {
    strategy: canary({ weights: [34, 67], bake: '5m' }),
    groups: inPlace('web'),
    balancer: 'net',
    middle: 'instance.healthy',
  },
}

test.for(Object.entries(jobs))('%s: demand triples in the middle, and serving capacity follows', async ([, job]) => {
  const site = await createSite({ bootMs: BOOT_MS })
  const { listener } = await setUpFleet(site, { size: SIZE, max: 20, balancer: job.balancer ?? 'app' })
  if (job.groups.kind === 'slots') await addSlot(site, job.balancer)
  site.publish(NEW)
  const { imago, web } = startProcess(site, { listener, groups: job.groups, store: newStore(site) })
  const rollout = await web.start(await web.plan({ image: NEW, strategy: job.strategy as never }))
  await until(site, rollout, job.middle)

  const tripledAt = site.world.now
  const short: number[] = []
  await driven(
    site,
    rollout,
    () => track(site),
    (now) => {
      if (now > tripledAt + FOLLOWED_MS) short.push(DEMAND - capacityOf(site))
    },
  )
  expect(short.length).toBeGreaterThan(0)
  expect(Math.max(...short)).toBeLessThanOrEqual((job.lent ?? 0) + 1e-9)
  expect(rollout.state.outcome).toBe('promoted')
  const images = staying(site).map((one) => one.image)
  expect(images).toEqual(images.map(() => NEW))
  expect(leftovers(site, job.groups.kind === 'slots' ? 1 : 0)).toEqual([])
  await imago.close()
})

testTheWire()

/** What target tracking does once a minute: each group that carries requests asks for as many instances as its share of the demand needs. */
async function track({ owner, account }: Site): Promise<void> {
  for (const { name, desired, targetGroups } of account.groups.values()) {
    let share = 0
    for (const arn of targetGroups)
      share += (weightOf(account, arn) * servingIn(account, arn, name)) / (servingIn(account, arn) || 1)
    const wanted = Math.ceil(DEMAND * share - 1e-9)
    if (wanted > desired) await owner.autoScaling.setDesiredCapacity({ AutoScalingGroupName: name, DesiredCapacity: wanted })
  }
}

/** Turn after turn until an event of this type, as soon as it is there. */
async function until(site: Site, rollout: Rollout, type: EventType): Promise<void> {
  const seen: EventType[] = []
  rollout.on(type, () => void seen.push(type))
  while (seen.length === 0) {
    expect(rollout.state.phase, `no ${type}`).not.toBe('done')
    await drive(site, rollout, 1)
  }
}

/** Drives to the end; in between somebody acts once a minute, and the world is looked at every second. */
async function driven(
  site: Site,
  rollout: Rollout,
  everyMinute: () => Promise<void>,
  look: (now: number) => void,
): Promise<void> {
  let minuteAt = site.world.now
  for (let turn = 0; turn < 600 && rollout.state.phase !== 'done'; turn++) {
    const { wakeAt } = await rollout.tick()
    const next = Math.max(wakeAt, site.world.now + 1_000)
    while (site.world.now < next) {
      if (site.world.now >= minuteAt) await everyMinute()
      if (site.world.now >= minuteAt) minuteAt += 60_000
      site.world.runUntil(Math.min(next, site.world.now + 1_000))
      look(site.world.now)
    }
  }
}

/** How many instances' worth of requests the fleet can take as they are shared now. */
function capacityOf({ account }: Site): number {
  const arns = [...account.targetGroups.keys()].filter((arn) => weightOf(account, arn) > 0)
  return Math.min(...arns.map((arn) => servingIn(account, arn) / weightOf(account, arn)))
}

/** The share of the listener's requests that a target group gets. */
function weightOf(account: Site['account'], targetGroup: string): number {
  const forwards = [...account.rules.values()].find((one) => one.isDefault)?.forwards ?? []
  const whole = forwards.reduce((sum, one) => sum + one.weight, 0)
  return (forwards.find((one) => one.arn === targetGroup)?.weight ?? 0) / whole
}

/** How many instances of a target group answer requests. @param name those of one group only. */
function servingIn(account: Site['account'], targetGroup: string, name?: string): number {
  const out = account.targetGroups.get(targetGroup)?.deregistered
  return [...account.groups.values()]
    .filter((one) => one.targetGroups.has(targetGroup) && (name ?? one.name) === one.name)
    .flatMap((group) => membersOf(account, group))
    .filter((one) => one.lifecycle === 'InService' && out?.has(one.id) !== true)
    .filter((one) => account.world.machines.find(one.id)?.state === 'healthy').length
}
