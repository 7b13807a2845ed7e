import {
  clone,
  createImago,
  type Duration,
  type Placement,
  type Rollout,
  type RolloutSpec,
  type RolloutStore,
  type TrafficRouter,
} from 'imago'
import {
  applicationGateway,
  azure,
  azurePermissions,
  frontDoor,
  loadBalancer,
  ruleSwap,
  trafficManager,
  type AzureCloud,
  type AzureFeature,
  type AzurePermissions,
} from 'imago/azure'
import { memoryStore } from 'imago/stores/memory'
import { through, worldSystem, type ImageBehaviour, type Life } from 'imago/testing'
import { drive } from '../kit/turns.ts'
import { NEW, setUpFleet, type FleetSettings } from './fleet.ts'
import { DEFINITION, type Site } from './site.ts'
import { tracesOf } from './traces.ts'
import { SUBSCRIPTION } from './wire/account.ts'
import { staying } from './wire/converge.ts'

export { drive }

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
  /** What whoever rolls it may do. @default - what a fleet like this one needs, and nothing else */
  readonly policy?: AzurePermissions
  /** @default - as imago has it */
  readonly lookInterval?: Duration
  /** How often turns are taken, at most. @default 1_000 */
  readonly paceMs?: number
  /** What happens first. */
  readonly before?: (site: Site) => void
}

/** Rolls a new image through a scale set behind a load balancer, to the end. */
export async function roll(site: Site, { launch, paceMs, ...job }: Job) {
  const { strategy } = job
  const { imago, web, image } = setUp(site, job)
  const rollout = await web.start(
    await web.plan({ image, strategy: strategy as never, ...(launch === undefined ? {} : { launch }) }),
  )
  await drive(site, rollout, 600, paceMs)
  await imago.close()
  return { rollout, images: () => imagesOf(site) }
}

/** A fleet behind what sends to it, the image that is to be rolled, and a process that rolls it. */
export function setUp(
  site: Site,
  {
    behaviour = { kind: 'good' },
    settings,
    before,
    store = newStore(site),
    ...start
  }: Omit<Job, 'strategy' | 'launch' | 'paceMs'> & Pick<Start, 'strategy' | 'life'>,
) {
  setUpFleet(site, { mode: 'Flexible', pool: POOLS[start.way ?? 'a pool'], bounds: { min: 1, max: 10 }, ...settings })
  before?.(site)
  const image = site.publish(NEW, behaviour)
  return { ...startProcess(site, { ...start, store }), image }
}

/** An empty store on the world's clock. */
export function newStore({ world }: Site): RolloutStore {
  return memoryStore({ now: () => world.now, id: 'store' })
}

/** What a process is started with. */
interface Start {
  readonly groups: Placement
  /** How it is rolled, as far as that needs more than any other way. @default - instance by instance, by imago */
  readonly strategy?: RolloutSpec['strategy'] | undefined
  readonly store: RolloutStore
  readonly way?: Way
  readonly name?: string
  /** What it may do. @default - what a fleet like this one needs, and nothing else */
  readonly policy?: AzurePermissions
  /** @default - as imago has it */
  readonly lookInterval?: Duration | undefined
  /** As whom everything is done that leaves the process. @default - nobody who could die */
  readonly life?: Life
}

/** What a fleet makes use of, and needs permissions for. */
export function featuresOf({
  groups,
  strategy,
  way = 'a pool',
}: Pick<Start, 'groups' | 'strategy' | 'way'>): readonly AzureFeature[] {
  const more: readonly (readonly [AzureFeature, boolean])[] = [
    ['clone', groups.kind === 'clone'],
    ['rollingUpgrade', isNative(strategy)],
  ]
  return ['scaleSets', ...more.flatMap(([one, isUsed]) => (isUsed ? [one] : [])), NEEDED[way], 'gallery']
}

function isNative(strategy: Start['strategy']): boolean {
  return typeof strategy === 'object' && 'native' in strategy
}

/** What each way needs permissions for. */
export const NEEDED: Readonly<Record<Way, AzureFeature>> = {
  'a pool': 'loadBalancer',
  rules: 'ruleSwap',
  'a gateway': 'applicationGateway',
  'Traffic Manager': 'trafficManager',
  'Front Door': 'frontDoor',
}

/** An identity that sets give to their instances, in another resource group. */
export const IDENTITY = `/subscriptions/${SUBSCRIPTION}/resourceGroups/people/providers/Microsoft.ManagedIdentity/userAssignedIdentities/web`

/** Where the fleets of the tests are, and what is elsewhere: the gallery, and whom instances are. */
export const PLACE = {
  subscription: SUBSCRIPTION,
  resourceGroup: 'shop',
  galleries: [DEFINITION.replace(/\/images\/\w+$/, '')],
  identities: [IDENTITY],
}

/** A process with clients and memory of its own. */
export function startProcess(
  site: Site,
  {
    groups,
    store,
    strategy,
    way = 'a pool',
    name = 'driver',
    policy = azurePermissions({ ...PLACE, features: featuresOf({ groups, strategy, way }) }),
    life,
    lookInterval,
  }: Start,
) {
  site.account.policy = policy
  const cloud = azure(life === undefined ? site.access : site.accessOf(life))
  const journal = life === undefined ? store : through(store, life)
  const imago = createImago({
    store: journal,
    providers: { azure: cloud },
    ...(lookInterval === undefined ? {} : { lookInterval }),
    system: worldSystem(site.world, name, { user: 'ada' }),
  })
  return { imago, web: imago.fleet('web', { provider: 'azure', groups, traffic: ROUTERS[way](cloud) }) }
}

/** What sends to the fleet, each way. */
export const ROUTERS: Readonly<Record<Way, (cloud: AzureCloud) => TrafficRouter>> = {
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
export function imagesOf({ account }: Site): string[] {
  const members = [...account.sets.values()].flatMap((one) => staying(one))
  return members.map((one) => one.image.id?.slice(`${DEFINITION}/versions/`.length) ?? '')
}

/** Everything that imago made or marked and that a finished rollout must not leave, but for the mark of the fleet itself. @param idle slots that are empty. */
export function leftovers({ account }: Site, idle = 0): string[] {
  const names = [...account.sets.keys()]
  const out = [...account.balancers].flatMap(([name, { pools }]) =>
    [...pools].flatMap(([pool, states]) => [...states.keys()].map((id) => `${name}/${pool} keeps ${id} out`)),
  )
  return [
    ...(names.length === 1 + idle ? [] : [`sets ${names.join(', ')}`]),
    ...out,
    ...tracesOf(account, 1).map((one) => one.what),
  ]
}

/** Whatever Azure does not allow from now on, in its words. */
export function refusals(rollout: Rollout): readonly string[] {
  const refused: string[] = []
  rollout.on('command.refused', ({ message }) => void (/AuthorizationFailed/.test(message) ? refused.push(message) : undefined))
  return refused
}
