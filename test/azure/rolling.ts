import { clone, createImago, type Placement, type Rollout, type RolloutSpec, type RolloutStore, type TrafficRouter } from 'imago'
import { applicationGateway, azure, frontDoor, loadBalancer, ruleSwap, trafficManager, type AzureCloud } from 'imago/azure'
import { memoryStore } from 'imago/stores/memory'
import { through, worldSystem, type ImageBehaviour, type Life } from 'imago/testing'
import { NEW, setUpFleet, type FleetSettings } from './fleet.ts'
import { DEFINITION, type Site } from './site.ts'
import { tracesOf } from './traces.ts'
import { staying } from './wire/converge.ts'

/** A kind of router. */
export type Way = 'a pool' | 'rules' | 'a gateway' | 'Traffic Manager' | 'Front Door'

export const CLONED = clone({ adopt: 'web' })

/** What is rolled, and how. */
export interface Job {
  readonly strategy: RolloutSpec['strategy']
  readonly groups: Placement
  readonly behaviour?: ImageBehaviour
  readonly launch?: RolloutSpec['launch']
  readonly settings?: FleetSettings
  /** What sends to the fleet: its pool, or rules that are pointed at one pool or another. @default 'a pool' */
  readonly way?: Way
  /** @default - one of its own */
  readonly store?: RolloutStore
  /** How often turns are taken, at most. @default 1_000 */
  readonly paceMs?: number
  /** What happens first. */
  readonly before?: (site: Site) => void
}

/** Rolls a new image through a scale set behind a load balancer, to the end. */
export async function roll(
  site: Site,
  { strategy, groups, behaviour = { kind: 'good' }, launch, settings, way, store = newStore(site), paceMs, before }: Job,
) {
  setUpFleet(site, { mode: 'Flexible', pool: POOLS[way ?? 'a pool'], bounds: { min: 1, max: 10 }, ...settings })
  before?.(site)
  const image = site.publish(NEW, behaviour)
  const { imago, web } = startProcess(site, { groups, store, ...(way === undefined ? {} : { way }) })
  const rollout = await web.start(
    await web.plan({ image, strategy: strategy as never, ...(launch === undefined ? {} : { launch }) }),
  )
  await drive(site, rollout, 600, paceMs)
  await imago.close()
  return { rollout, images: () => imagesOf(site) }
}

/** An empty store on the world's clock. */
export function newStore({ world }: Site): RolloutStore {
  return memoryStore({ now: () => world.now, id: 'store' })
}

/** What a process is started with. */
interface Start {
  readonly groups: Placement
  readonly store: RolloutStore
  readonly way?: Way
  readonly name?: string
  /** As whom everything is done that leaves the process. @default - nobody who could die */
  readonly life?: Life
}

/** A process with clients and memory of its own. */
export function startProcess(site: Site, { groups, store, way = 'a pool', name = 'driver', life }: Start) {
  const cloud = azure(life === undefined ? site.access : site.accessOf(life))
  const journal = life === undefined ? store : through(store, life)
  const imago = createImago({
    store: journal,
    providers: { azure: cloud },
    system: worldSystem(site.world, name, { user: 'ada' }),
  })
  return { imago, web: imago.fleet('web', { provider: 'azure', groups, traffic: ROUTERS[way](cloud) }) }
}

/** What sends to the fleet, each way. */
const ROUTERS: Readonly<Record<Way, (cloud: AzureCloud) => TrafficRouter>> = {
  'a pool': (cloud) => loadBalancer(cloud, { loadBalancer: 'web-lb', pool: 'web' }),
  rules: (cloud) => ruleSwap(cloud, { loadBalancer: 'web-lb', rules: ['http'] }),
  'a gateway': (cloud) => applicationGateway(cloud, { gateway: 'web-gw', rules: ['http'] }),
  'Traffic Manager': (cloud) => trafficManager(cloud, { profile: 'shop', endpoints: ENDPOINTS }),
  'Front Door': (cloud) => frontDoor(cloud, { profile: 'front', originGroup: 'web', origins: ENDPOINTS }),
}

/** Two endpoints, each of a load balancer with a pool for one slot. */
export const ENDPOINTS = { blue: 'blue-lb/web', green: 'green-lb/web' }

/** The pool that a fleet is in as its owner made it. */
export const POOLS: Readonly<Record<Way, string>> = {
  'a pool': 'web-lb/web',
  rules: 'web-lb/web',
  'a gateway': 'web-gw/web',
  'Traffic Manager': ENDPOINTS.blue,
  'Front Door': ENDPOINTS.blue,
}

/** The versions that instances run which are not on their way out. */
function imagesOf({ account }: Site): string[] {
  const members = [...account.sets.values()].flatMap((one) => staying(one))
  return members.map((one) => one.image.id?.slice(`${DEFINITION}/versions/`.length) ?? '')
}

/** Everything that imago made or marked and that a finished rollout must not leave, but for the mark of the fleet itself. */
export function leftovers({ account }: Site): string[] {
  const names = [...account.sets.keys()]
  const out = [...account.balancers].flatMap(([name, { pools }]) =>
    [...pools].flatMap(([pool, states]) => [...states.keys()].map((id) => `${name}/${pool} keeps ${id} out`)),
  )
  return [...(names.length === 1 ? [] : [`sets ${names.join(', ')}`]), ...out, ...tracesOf(account, 1).map((one) => one.what)]
}

/** Turn after turn, for as many as are given or until it has ended. */
export async function drive(site: Site, rollout: Rollout, turns = 600, paceMs = 1_000): Promise<void> {
  for (let turn = 0; turn < turns && rollout.state.phase !== 'done'; turn++) {
    const { wakeAt } = await rollout.tick()
    site.world.runUntil(Math.max(wakeAt, site.world.now + paceMs))
  }
}
