import { blueGreen, canary, inPlace, rolling, slots, type EventType, type Imago, type Rollout } from 'imago'
import { expect } from 'vitest'
import { addSlot, NEW, setUpFleet } from './fleet.ts'
import { CLONED, drive, leftovers, newStore, startProcess, type Job } from './rolling.ts'
import { createSite, type Site } from './site.ts'
import type { GroupRecord } from './wire/account.ts'
import { membersOf } from './wire/autoscaling/find.ts'

/** A rollout in whose middle an alarm speaks. */
export interface AlarmedJob extends Pick<Job, 'strategy' | 'groups' | 'balancer'> {
  /** It is in its middle at the first of these events: both releases are there, and where they can they share the traffic. */
  readonly middle: EventType
  /** In place an alarm's word counts the surge in, which nobody can tell from it: so many may be missing until the rollout is over. */
  readonly lent?: number
}

const [SLOTS, IN_PLACE] = [slots('web', 'web-b'), inPlace('web')]
const CANARY = canary({ weights: [34, 67], bake: '5m' })
const BLUE_GREEN = blueGreen({ bake: '2m' })
const ROLLING = rolling({ maxSurge: 2 })
const NATIVE = rolling({ by: 'native', maxSurge: 2 })

/** Every strategy in every placement that it can have. */
export const JOBS: Readonly<Record<string, AlarmedJob>> = {
  'blue/green, a clone': { strategy: BLUE_GREEN, groups: CLONED, middle: 'generation.created' },
  'blue/green, slots': { strategy: BLUE_GREEN, groups: SLOTS, middle: 'generation.created' },
  'canary, a clone': { strategy: CANARY, groups: CLONED, middle: 'traffic.shifted' },
  'canary, slots': { strategy: CANARY, groups: SLOTS, middle: 'traffic.shifted' },
  'canary by count, a clone': { strategy: CANARY, groups: CLONED, balancer: 'net', middle: 'instance.healthy' },
  'canary by count, slots': { strategy: CANARY, groups: SLOTS, balancer: 'net', middle: 'instance.healthy' },
  'canary by count, in place': { strategy: CANARY, groups: IN_PLACE, balancer: 'net', middle: 'instance.healthy' },
  'rolling, a clone': { strategy: ROLLING, groups: CLONED, middle: 'instance.healthy' },
  'rolling, slots': { strategy: ROLLING, groups: SLOTS, balancer: 'net', middle: 'instance.healthy' },
  'rolling, in place': { strategy: ROLLING, groups: IN_PLACE, middle: 'instance.healthy', lent: 2 },
  'rolling by the native updater, in place': { strategy: NATIVE, groups: IN_PLACE, middle: 'instance.healthy', lent: 2 },
}

/** A rollout of a fleet, and what is to be looked at. */
export interface Alarmed {
  readonly site: Site
  readonly imago: Imago
  readonly rollout: Rollout
}

/** Starts a job on a site of its own. */
export async function begin({ strategy, groups, balancer = 'app' }: AlarmedJob, size: number, bootMs: number): Promise<Alarmed> {
  const site = await createSite({ bootMs })
  const { listener } = await setUpFleet(site, { size, max: 20, balancer })
  if (groups.kind === 'slots') await addSlot(site, balancer)
  site.publish(NEW)
  const { imago, web } = startProcess(site, { listener, groups, store: newStore(site) })
  const rollout = await web.start(await web.plan({ image: NEW, strategy: strategy as never }))
  return { site, imago, rollout }
}

/** What is left on its site that should not be. */
export function leftOf({ site }: Alarmed, { groups, balancer }: AlarmedJob): string[] {
  const empty = groups.kind === 'slots' ? 1 : 0
  return leftovers(site, empty, balancer === 'net' ? 1 : 1 + empty)
}

/** Turn after turn until an event of this type, as soon as it is there. */
export async function until({ site, rollout }: Alarmed, type: EventType): Promise<void> {
  const seen: EventType[] = []
  rollout.on(type, () => void seen.push(type))
  while (seen.length === 0) {
    expect(rollout.state.phase, `no ${type}`).not.toBe('done')
    await drive(site, rollout, 1)
  }
}

/** Drives to the end; in between an alarm speaks every so often, and the world is looked at every second. */
export async function driven(
  { site, rollout }: Alarmed,
  alarm: { readonly everyMs: number; readonly speak: () => Promise<void> },
  look: (now: number) => void,
): Promise<void> {
  const { world } = site
  let speaksAt = world.now
  for (let turn = 0; turn < 600 && rollout.state.phase !== 'done'; turn++) {
    const { wakeAt } = await rollout.tick()
    const next = Math.max(wakeAt, world.now + 1_000)
    while (world.now < next) {
      if (world.now >= speaksAt) {
        await alarm.speak()
        speaksAt = world.now + alarm.everyMs
      }
      world.runUntil(Math.min(next, world.now + 1_000))
      look(world.now)
    }
  }
}

/** What target tracking asks of a group: as many instances as its share of the demand needs, within its bounds. */
export function wantedOf({ account }: Site, { name, targetGroups, min, max }: GroupRecord, demand: number): number {
  let share = 0
  for (const arn of targetGroups)
    share += (weightOf(account, arn) * servingIn(account, arn, name)) / (servingIn(account, arn) || 1)
  return Math.min(max, Math.max(min, Math.ceil(demand * share - 1e-9)))
}

/** How many instances' worth of requests the fleet can take as they are shared now. */
export function capacityOf({ account }: Site): number {
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
