import { clone, createImago, type Placement, type Rollout, type RolloutSpec, type TrafficRouter } from 'imago'
import { backendService, gcp, urlMap, type GcpAuth, type GcpClient, type GcpClients } from 'imago/gcp'
import { through, worldSystem, type ImageBehaviour, type Life } from 'imago/testing'
import { addService, addUrlMap } from './balancer.ts'
import { addGroup, addTemplate, ZONE } from './fleet.ts'
import { storeOf } from './kit.ts'
import type { Site } from './site.ts'
import { urlOf } from './wire/project.ts'

/** What is rolled, and how. */
export interface Job {
  readonly strategy: RolloutSpec['strategy']
  /** @default - a zone */
  readonly location?: string
  /** @default - clones of the group */
  readonly groups?: Placement
  readonly behaviour?: ImageBehaviour
  /** What sends to the fleet. @default 'url map' */
  readonly balancer?: 'url map' | 'backend service'
  /** @default 3 */
  readonly size?: number
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

/** A fleet behind what sends to it, and the image that is to be rolled. */
export function setUp(site: Site, job: Job) {
  const { location = ZONE, behaviour = { kind: 'good' }, size = 3, before } = job
  const { project } = site
  site.publish(OLD)
  addTemplate(site, 'web-1', OLD)
  const group = addGroup(site, { location, size, scaled: { min: 1, max: 20 } })
  group.description = 'the shop'
  group.namedPorts = [{ name: 'http', port: 8_080 }]
  addService(site, 'web', { groups: [group.path] })
  addUrlMap(site, { defaultService: urlOf(project, 'global/backendServices/web') })
  before?.(site)
  const { id } = site.publish(NEW, behaviour)
  return { ...startProcess(site, job), image: `gce:${project.id}/${id}` }
}

/** A process that declares the fleet of a site; of one that dies no change and no entry of the journal leaves any more. */
export function startProcess(site: Site, job: Job, { name = 'driver', life }: { name?: string; life?: Life } = {}) {
  const { location = ZONE, groups = clone({ adopt: 'web' }), balancer = 'url map' } = job
  const access = site.accessTo(location)
  const cloud = gcp(life === undefined ? access : { ...access, clients: mortal(access.clients ?? {}, life) })
  const traffic: TrafficRouter =
    balancer === 'url map' ? urlMap(cloud, { urlMap: 'web' }) : backendService(cloud, { backendService: 'web' })
  const imago = createImago({
    store: life === undefined ? storeOf(site) : through(storeOf(site), life),
    providers: { gcp: cloud },
    system: worldSystem(site.world, name, { user: 'ada' }),
  })
  return { imago, web: imago.fleet('web', { provider: 'gcp', groups, traffic }) }
}

/** The same clients; the one by which changes are sent sends them as long as its process lives. */
function mortal(clients: GcpClients, life: Life): GcpClients {
  const sender = clients.instanceGroupManagers as GcpClient & { readonly auth: GcpAuth }
  const fetch: GcpAuth['fetch'] = (url, init?: { readonly method?: string }) => {
    const send = () => sender.auth.fetch(url, init as never)
    return init?.method === 'GET' || /\/(?:wait|listManagedInstances)\b/.test(url) ? send() : life.around('change', send)
  }
  const instanceGroupManagers = Object.create(sender, { auth: { value: { ...sender.auth, fetch } } }) as GcpClient
  return new Proxy(clients, {
    get: (all, service) => (service === 'instanceGroupManagers' ? instanceGroupManagers : Reflect.get(all, service)),
  })
}

/** Turn after turn, until it has ended. */
export async function drive(site: Site, rollout: Rollout, turns = 600): Promise<void> {
  for (let turn = 0; turn < turns && rollout.state.phase !== 'done'; turn++) {
    const { wakeAt } = await rollout.tick()
    site.world.runUntil(Math.max(wakeAt, site.world.now + 1_000))
  }
}

/** Names of the images that instances run. */
export function running({ project }: Site): string[] {
  const members = [...project.groups.values()].flatMap((group) => [...group.instances.values()])
  const numbers = members.map((one) => one.machine?.image['sourceImageId'])
  const names = new Map([...project.images.values()].map((one) => [one.id, one.name]))
  return numbers.map((one) => names.get(String(one)) ?? 'none')
}

/** Everything that imago made or marked and that a finished rollout must not leave, but for the marks of the fleet itself. */
export function leftovers({ project }: Site): string[] {
  const found: string[] = []
  const one = (what: string, names: readonly string[]) => void (names.length !== 1 && found.push(`${what} ${names.join(', ')}`))
  const groups = [...project.groups.values()]
  const used = new Set(groups.flatMap((group) => group.versions.map(({ template }) => template)))
  one('groups', [...project.groups.keys()])
  one('autoscalers', [...project.autoscalers.keys()])
  one('backend services', [...project.services.keys()])
  for (const { path, description = '' } of project.templates.values())
    if (description.includes('imago:') && !used.has(path)) found.push(`the template ${path}`)
  for (const { description = '', name } of [...groups, ...project.services.values()])
    if (/claim|scale-in|partial|left|retired/.test(description)) found.push(`${name} says ${description}`)
  for (const { name, updateType, redistribution = 'PROACTIVE' } of groups)
    if (updateType !== 'PROACTIVE' || redistribution !== 'PROACTIVE') found.push(`${name} is ${updateType}, ${redistribution}`)
  for (const { min, mode } of project.autoscalers.values())
    if (min !== 1 || mode !== 'ON') found.push(`an autoscaler is ${mode} from ${min} on`)
  for (const map of project.urlMaps.values())
    if (map['defaultService'] === undefined) found.push(`a URL map says ${JSON.stringify(map)}`)
  return found
}
