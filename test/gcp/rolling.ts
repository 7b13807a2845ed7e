import { clone, createImago, type Placement, type Rollout, type RolloutSpec, type RolloutStore, type TrafficRouter } from 'imago'
import { backendService, gcp, gcpPermissions, urlMap, type GcpFeature, type GcpPermissions } from 'imago/gcp'
import { createLife, through, worldSystem, type ImageBehaviour, type Life } from 'imago/testing'
import { drive } from '../kit/turns.ts'
import { UNHEARD, UNSENT } from '../kit/wire/fate.ts'
import { addService, addUrlMap } from './balancer.ts'
import { addGroup, addTemplate, ZONE } from './fleet.ts'
import { storeOf } from './kit.ts'
import type { Site } from './site.ts'
import { stayingIn, tracesOf } from './traces.ts'
import { urlOf, type GroupRecord } from './wire/project.ts'

export { drive }

/** What sends to a fleet, and where that is. */
interface Standing {
  /** @default - a zone */
  readonly location?: string
  /** What sends to the fleet. @default 'url map' */
  readonly balancer?: 'url map' | 'backend service'
  /** The region of what sends to it. @default - it is global */
  readonly region?: string | undefined
}

/** What is rolled, and how. */
export interface Job extends Standing {
  readonly strategy: RolloutSpec['strategy']
  /** @default - clones of the group */
  readonly groups?: Placement
  readonly behaviour?: ImageBehaviour
  /** @default 3 */
  readonly size?: number
  /** What whoever rolls it may do. @default - what a fleet like this one needs, and nothing else */
  readonly policy?: GcpPermissions
  /** What happens to the fleet first. */
  readonly before?: (site: Site) => void
}

/** Names of what a fleet runs before and after. */
export const [OLD, NEW] = ['web-2026-01', 'web-2026-02']

/** Rolls a new image through a fleet of three, to the end. */
export async function roll(site: Site, job: Job) {
  const { web, image } = setUp(site, job)
  const rollout = await web.start(await web.plan({ image, strategy: job.strategy as never }))
  await drive(site, rollout)
  return { rollout, images: () => running(site) }
}

/** A fleet behind what sends to it, the image that is to be rolled, and a process that rolls it. */
export function setUp(site: Site, { behaviour, before, ...start }: Job) {
  makeFleet(site, start)
  before?.(site)
  const { id } = site.publish(NEW, behaviour, { family: 'web' })
  return { ...startProcess(site, start), image: `gce:${site.project.id}/${id}` }
}

/** A group of three behind a backend service and a URL map, as its owner would make it. */
export function makeFleet(
  site: Site,
  { location = ZONE, size = 3, region }: Pick<Job, 'location' | 'size' | 'region'> = {},
): void {
  const scope = region === undefined ? 'global' : `regions/${region}`
  site.publish(OLD)
  addTemplate(site, 'web-1', OLD)
  const group = addGroup(site, { location, size, scaled: { min: 1, max: Math.max(20, 2 * size) } })
  group.description = 'the shop'
  group.namedPorts = [{ name: 'http', port: 8_080 }]
  addService(site, 'web', { scope, groups: [group.path] })
  addUrlMap(site, { defaultService: urlOf(site.project, `${scope}/backendServices/web`) }, scope)
}

/** A second group beside `web`, empty and behind a backend service of its own, as infrastructure code would make two slots. */
export function addSlot(site: Site): void {
  weighSlots(site, addGroup(site, { name: 'web-b', size: 0, scaled: { min: 0, max: 10 } }))
}

/** Puts a slot behind a backend service of its own, to which the URL map sends nothing yet. */
export function weighSlots(site: Site, slot: GroupRecord): void {
  const { project } = site
  addService(site, 'web-b', { groups: [slot.path] })
  const weighted = (name: string, weight: number) => ({
    backendService: urlOf(project, `global/backendServices/${name}`),
    weight,
  })
  addUrlMap(site, {
    defaultRouteAction: { weightedBackendServices: [weighted('web', 1_000), weighted('web-b', 0)] },
  })
}

/** What a process is started with. */
export interface Start extends Standing {
  readonly groups?: Placement
  /** @default - the site's own */
  readonly store?: RolloutStore
  readonly name?: string
  /** What it may do. @default - what a fleet like this one needs, and nothing else */
  readonly policy?: GcpPermissions | undefined
  /** What it asks of Google Cloud and of the store it asks as this one. @default - nothing ever happens to it */
  readonly life?: Life
}

/** What a fleet makes use of, and needs permissions for. */
export function featuresOf({
  groups,
  balancer = 'url map',
  region,
}: Pick<Start, 'groups' | 'balancer' | 'region'>): readonly GcpFeature[] {
  const [global, regional] = TRAFFIC[balancer]
  const isClone = groups === undefined || groups.kind === 'clone'
  return ['groups', ...(isClone ? ['clone' as const] : []), region === undefined ? global : regional]
}

const TRAFFIC = {
  'url map': ['urlMap', 'regionUrlMap'],
  'backend service': ['backendService', 'regionBackendService'],
} as const

/** A process with memory of its own. */
export function startProcess(
  site: Site,
  {
    location = ZONE,
    groups = clone({ adopt: 'web' }),
    balancer = 'url map',
    store = storeOf(site),
    name = 'driver',
    life,
    region,
    policy = gcpPermissions({ features: featuresOf({ groups, balancer, region }) }),
  }: Start,
) {
  site.project.policy = policy
  const cloud = gcp(site.accessTo(location))
  const where = region === undefined ? {} : { region }
  const router: TrafficRouter =
    balancer === 'url map'
      ? urlMap(cloud, { urlMap: 'web', ...where })
      : backendService(cloud, { backendService: 'web', ...where })
  const [provider, traffic] = life === undefined ? [cloud, router] : [site.sentBy(cloud, life), site.sentBy(router, life)]
  const imago = createImago({
    store: life === undefined ? store : through(store, life),
    providers: { gcp: provider },
    system: worldSystem(site.world, name, { user: 'ada' }),
  })
  return { imago, web: imago.fleet('web', { provider: 'gcp', groups, traffic }) }
}

/** Of a process to which nothing happens. */
export function unharmed({ world }: Site): Life {
  return createLife(world, { dies: () => false }, () => undefined)
}

/** Whatever Google Cloud refuses from now on, in its words. */
export function refusals(rollout: Rollout): readonly string[] {
  const refused: string[] = []
  rollout.on('command.refused', ({ message }) => void refused.push(message))
  return refused
}

/** Names of the images that instances run. */
export function running({ project }: Site): string[] {
  const numbers = stayingIn(project).map((one) => one.machine?.image['sourceImageId'])
  const names = new Map([...project.images.values()].map((one) => [one.id, one.name]))
  return numbers.map((one) => names.get(String(one)) ?? 'none')
}

/** Everything that imago made or marked and that a finished rollout must not leave, but for the marks of the fleet itself. @param slots empty ones. */
export function leftovers({ project }: Site, slots = 0): string[] {
  const one = (what: string, names: readonly string[]) => (names.length === 1 + slots ? [] : [`${what} ${names.join(', ')}`])
  return [
    ...one('groups', [...project.groups.keys()]),
    ...one('autoscalers', [...project.autoscalers.keys()]),
    ...one('backend services', [...project.services.keys()]),
    ...tracesOf(project, 1).map(({ what }) => what),
    ...[...project.urlMaps.values()]
      .filter((map) => slots === 0 && map['defaultService'] === undefined)
      .map((map) => `a URL map says ${JSON.stringify(map)}`),
  ]
}

/** Of each kind of change the first never arrives, and the second is never answered. @returns how many of each kind were sent. */
export function loseTwo({ project }: Site): ReadonlyMap<string, number> {
  const sent = new Map<string, number>()
  project.fateOf = (method, isRead) => {
    if (isRead) return undefined
    const count = (sent.get(method) ?? 0) + 1
    sent.set(method, count)
    return count === 1 ? UNSENT : count === 2 ? UNHEARD : undefined
  }
  return sent
}
