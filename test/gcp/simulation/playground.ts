import type { TrafficRouter } from 'imago'
import { backendService, gcp, gcpPermissions, urlMap } from 'imago/gcp'
import type { CloudOptions, Life, PlayedCloud, Playground, Ports, World } from 'imago/testing'
import { createChecks } from '../../../src/testing/cloud/checks.ts'
import { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import { createMetrics } from '../../../src/testing/cloud/metrics.ts'
import { BYSTANDERS } from '../../../src/testing/simulate/stage.ts'
import { callFates } from '../../kit/playground/call-faults.ts'
import { learningPorts } from '../../kit/playground/ports.ts'
import { groupsApart, type Names } from '../../kit/playground/truth.ts'
import { startWorldFaults } from '../../kit/playground/world-faults.ts'
import { createPurposes } from '../../kit/wire/sent-by.ts'
import { addService, addUrlMap } from '../balancer.ts'
import { addTemplate, makeGroup, REGION, ZONE, type FleetSettings } from '../fleet.ts'
import { weighSlots } from '../rolling.ts'
import { createSite, type Site } from '../site.ts'
import { tracesOf } from '../traces.ts'
import { urlOf } from '../wire/project.ts'
import { startScaling } from './autoscaler.ts'
import { callsOf } from './call-faults.ts'
import { createPeople } from './people.ts'
import { gcpTruth } from './truth.ts'
import { sceneOf } from './world-faults.ts'

/** The smallest size that an autoscaler of the fleet's owner allows. */
const OWN_MIN = 1

const PROJECT = 'simulated'
/** The numbers of the image that a fleet runs, and of the one that is rolled through it. */
const [OLD, NEW] = ['1000000000000000001', '1000000000000000002']

/** Google Cloud on the wire, called by its own clients and credentials that know for which process they send. */
export const gcpPlayground: Playground = {
  images: [`gce:${PROJECT}/${OLD}`, `gce:${PROJECT}/${NEW}`],
  otherLaunch: { machineType: 'e2-medium' },
  open: async (world, options) => openOn(await createSite({ called: PROJECT, driven: true, world }), options),
}

function openOn(site: Site, options: CloudOptions): PlayedCloud {
  const { project, world } = site
  const faults = new FaultPlan(world, options.faults)
  const way: Way = {
    balancer: options.router !== false && options.router?.weights === false ? 'backend service' : 'url map',
    location: world.random('place').chance(0.5) ? ZONE : REGION,
  }
  publish(site, world, 'web-1', OLD)
  publish(site, world, 'web-2', NEW)
  makeGroups(site, options, way)
  project.policy = gcpPermissions({ features: ['groups', 'clone', way.balancer === 'url map' ? 'urlMap' : 'backendService'] })
  const fates = callFates(callsOf(project), faults, options.latencyMs ?? [0, 0], world.random('network'))
  project.fateOf = (action, isRead) => fates({ service: 'compute', action, isRead })
  project.spoils = () => faults.happens(9)
  const names: Names = { fleet: '', releases: new Map() }
  const truth = gcpTruth(project, names, options.terminateMs ?? [0, 0], groupsApart(options))
  const people = createPeople(project, (fault) => faults.count(fault))
  if (options.autoscaler !== undefined) startScaling(project, faults, options.autoscaler.periodMs)
  startWorldFaults(sceneOf(project, faults, people))
  return {
    truth,
    people,
    faults,
    checks: createChecks({ world, truth, addressOf: (id) => `http://${addressOf(site, id)}` }),
    metrics: createMetrics(truth, faults),
    ports: (life) => portsOf(site, life, names, way),
    drive: (promise, untilAt) => site.drive(promise, untilAt),
    traces: () => tracesOf(project, OWN_MIN).filter((one) => !BYSTANDERS.some((name) => name === one.on)),
    close: () => Promise.resolve(site.close()),
  }
}

/** The world launches by number what people know by name. */
function publish(site: Site, world: World, name: string, id: string): void {
  site.publish(name, world.images.find(`gce:${PROJECT}/${id}`), { id })
}

function addressOf({ project }: Site, machine: string): string | undefined {
  for (const { instances } of project.groups.values())
    for (const one of instances.values()) if (one.launched === machine) return one.machine?.address
  return undefined
}

/** Where a fleet is, and what sends to it. */
interface Way {
  readonly location: string
  readonly balancer: 'url map' | 'backend service'
}

/** The fleet that is rolled, and what stands beside it. */
function makeGroups(site: Site, { fleets, autoscaler }: CloudOptions, { location, balancer }: Way): void {
  const { project, world } = site
  const [rolled, other] = fleets
  const [first, ...beside] = rolled?.groups ?? []
  addTemplate(site, 'web-1', 'web-1')
  // Some fleets have a fixed size, also where nothing scales the others.
  const isScaled = autoscaler !== undefined || world.random('autoscaler').chance(0.5)
  const scaled = (min: number): FleetSettings => (isScaled ? { location, scaled: { min, max: 100 } } : { location })
  const web = makeGroup(site, { ...scaled(OWN_MIN), name: first?.id ?? 'web', size: first?.size ?? 1 })
  addService(site, 'web', { groups: [web.path] })
  if (balancer === 'url map') addUrlMap(site, { defaultService: urlOf(project, 'global/backendServices/web') })
  if (rolled?.spare !== undefined) {
    const slot = makeGroup(site, { ...scaled(0), name: rolled.spare, size: 0 })
    if (balancer === 'url map') weighSlots(site, slot)
    else project.services.get('global/backendServices/web')?.backends.set(slot.path, 1)
  }
  for (const { id, size } of [...beside, ...(other?.groups ?? [])]) makeGroup(site, { location, name: id, size })
}

function portsOf(site: Site, life: Life, names: Names, { location, balancer }: Way): Ports {
  const cloud = gcp(site.accessTo(location))
  const router: TrafficRouter =
    balancer === 'url map' ? urlMap(cloud, { urlMap: 'web' }) : backendService(cloud, { backendService: 'web' })
  const purposes = createPurposes()
  const sent = <Port extends object>(port: Port) => site.sentBy(port, life, purposes.now)
  const provider = { ...sent(cloud), ...(cloud.updater === undefined ? {} : { updater: sent(cloud.updater) }) }
  return learningPorts(names, { provider, router: sent(router) }, purposes)
}
