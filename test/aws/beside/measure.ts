import type { Site } from '../site.ts'
import type { Account } from '../wire/account.ts'
import { membersOf } from '../wire/autoscaling/find.ts'
import { isRead } from '../wire/reads.ts'

/** What a change of image asked for and did, by whomever it was made. */
export interface Measured {
  /** Calls of AWS by service and name. */
  readonly calls: Readonly<Record<string, number>>
  /** From the first call that changes something until whoever made the change has ended, on the world's clock, ms. */
  readonly tookMs: number
  /** The least that healthy instances could take of the demand, each where the listener sends it, at any moment; 1 is all. */
  readonly lowest: number
  /** The most machines that there were at once. */
  readonly most: number
  readonly launched: number
  /** How it ended, in the words of whoever made it. */
  readonly outcome: string
  /** What it left: each group, with its instances by image. */
  readonly left: readonly string[]
}

/** Watches the world while a change is made. @param demand instances that are needed. @param change answers how it ended. */
export async function measure({ account, world }: Site, demand: number, change: () => Promise<string>): Promise<Measured> {
  account.calls.clear()
  const launchedBefore = world.machines.launched
  let [beganAt, lowest, most] = [undefined as number | undefined, capacity(account, demand), world.machines.alive.length]
  const unwatch = world.observe(() => {
    if (beganAt === undefined && [...account.calls.keys()].some(changes)) beganAt = world.now
    lowest = Math.min(lowest, capacity(account, demand))
    most = Math.max(most, world.machines.alive.length)
  })
  const outcome = await change()
  unwatch()
  return {
    calls: Object.fromEntries(account.calls),
    tookMs: world.now - (beganAt ?? world.now),
    lowest,
    most,
    launched: world.machines.launched - launchedBefore,
    outcome,
    left: [...account.groups.values()].map((group) => `${group.name}: ${imagesOf(account, group.name)}`),
  }
}

/** Whether a call, `service.Name`, changes something. */
export function changes(call: string): boolean {
  return !isRead(call.slice(call.indexOf('.') + 1))
}

/** What can be taken of the demand now: a target group with too few instances does not get less of it. */
function capacity(account: Account, demand: number): number {
  const forwards = [...account.rules.values()].find((rule) => rule.isDefault)?.forwards ?? []
  const weights = forwards.reduce((sum, { weight }) => sum + weight, 0)
  const taken = forwards.map(({ arn, weight }) => Math.min(healthyIn(account, arn) / demand, weight / weights))
  return taken.reduce((sum, one) => sum + one, 0)
}

/** Instances that a target group sends requests to. */
function healthyIn(account: Account, arn: string): number {
  const { groups, targetGroups, world } = account
  const registered = [...groups.values()]
    .filter((group) => group.targetGroups.has(arn))
    .flatMap((group) => membersOf(account, group))
  return registered.filter(
    ({ id, lifecycle }) =>
      lifecycle === 'InService' &&
      world.machines.find(id)?.state === 'healthy' &&
      targetGroups.get(arn)?.deregistered.has(id) !== true,
  ).length
}

function imagesOf({ groups, instances }: Account, name: string): string {
  const members = [...(groups.get(name)?.members ?? [])].flatMap((id) => instances.get(id) ?? [])
  const counts = Map.groupBy(members, ({ image, lifecycle }) => (lifecycle === 'InService' ? image : `${image}, ${lifecycle}`))
  return [...counts].map(([what, some]) => `${some.length} of ${what}`).join('; ')
}
