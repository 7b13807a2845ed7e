import { clone, createImago, type Placement, type Rollout, type RolloutSpec, type RolloutStore, type TrafficRouter } from 'imago'
import { alb, aws, nlb, type AlbPreview } from 'imago/aws'
import { memoryStore } from 'imago/stores/memory'
import { through, worldSystem, type ImageBehaviour, type Life } from 'imago/testing'
import { drive } from '../kit/turns.ts'
import { NEW, setUpFleet } from './fleet.ts'
import type { Site } from './site.ts'
import { stayingIn, tracesOf } from './traces.ts'
import type { InstanceRecord } from './wire/account.ts'

export { drive }

export const CLONED = clone({ adopt: 'web' })

/** What is rolled, and how. */
export interface Job {
  readonly strategy: RolloutSpec['strategy']
  readonly groups: Placement
  readonly behaviour?: ImageBehaviour
  /** Which kind of load balancer sends to the fleet. @default 'app' */
  readonly balancer?: 'app' | 'net'
  /** @default 3 */
  readonly size?: number
  /** The smallest size that the fleet's owner allows. @default 1 */
  readonly min?: number
  /** What the owner does to the fleet first. */
  readonly before?: (site: Site) => Promise<void>
}

/** Rolls a new image through a fleet, to the end. */
export async function roll(
  site: Site,
  { strategy, groups, behaviour = { kind: 'good' }, balancer = 'app', size = 3, min = 1, before }: Job,
) {
  const { listener } = await setUpFleet(site, { balancer, size, min, max: Math.max(10, size * 2) })
  await before?.(site)
  site.publish(NEW, behaviour)
  site.account.calls.clear()
  const { imago, web } = startProcess(site, { listener, groups, store: newStore(site) })
  const rollout = await web.start(await web.plan({ image: NEW, strategy: strategy as never }))
  await drive(site, rollout)
  await imago.close()
  return { rollout, images: () => staying(site).map((one) => one.image) }
}

/** An empty store on the world's clock. */
export function newStore({ world }: Site): RolloutStore {
  return memoryStore({ now: () => world.now, id: 'store' })
}

/** What a process is started with. */
interface Start {
  readonly listener: string
  readonly groups: Placement
  readonly store: RolloutStore
  readonly name?: string
  /** How a candidate without traffic is reached. @default - not at all */
  readonly preview?: AlbPreview | undefined
  /** Its calls of AWS and of the store are made as this one. @default - nothing ever happens to it */
  readonly life?: Life
}

/** A process with clients and memory of its own. */
export function startProcess(site: Site, { listener, groups, store, name = 'driver', preview, life }: Start) {
  const clients = life === undefined ? {} : { clients: site.clientsOf(life) }
  const cloud = aws({ ...site.access, ...clients })
  const imago = createImago({
    store: life === undefined ? store : through(store, life),
    providers: { aws: cloud },
    system: worldSystem(site.world, name, { user: 'ada' }),
  })
  const listeners = [listener]
  const traffic: TrafficRouter = listener.includes(':listener/net/')
    ? nlb(cloud, { listeners })
    : alb(cloud, { listeners, ...(preview === undefined ? {} : { preview }) })
  return { imago, web: imago.fleet('web', { provider: 'aws', groups, traffic }) }
}

/** Instances that are not on their way out. */
export function staying({ account }: Site): InstanceRecord[] {
  return stayingIn(account)
}

/** Everything that imago made or marked and that a finished rollout must not leave, but for the mark of the fleet itself. @param slots empty ones. @param ways how many target groups they and the fleet have. */
export function leftovers({ account }: Site, slots = 0, ways = 1 + slots): string[] {
  const found: string[] = []
  const [groups, routes] = [[...account.groups.values()], [...account.targetGroups.values()]]
  if (groups.length !== 1 + slots) found.push(`groups ${groups.map((one) => one.name).join(', ')}`)
  if (routes.length !== ways) found.push(`target groups ${routes.map((one) => one.name).join(', ')}`)
  return [...found, ...tracesOf(account, 1).map((one) => one.what)]
}

/** What AWS has refused of a rollout, as it comes in. */
export function refusals(started: Rollout): string[] {
  const refused: string[] = []
  started.on('command.refused', ({ message }) => refused.push(message))
  return refused
}
