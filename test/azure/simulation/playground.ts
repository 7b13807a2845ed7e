import { azure, azurePermissions, type AzureFeature } from 'imago/azure'
import type { CloudOptions, Life, PlayedCloud, Playground, Ports } from 'imago/testing'
import { createChecks } from '../../../src/testing/cloud/checks.ts'
import { FaultPlan } from '../../../src/testing/cloud/faults.ts'
import { createMetrics } from '../../../src/testing/cloud/metrics.ts'
import { BYSTANDERS } from '../../../src/testing/simulate/stage.ts'
import { callFates } from '../../kit/playground/call-faults.ts'
import { learningPorts } from '../../kit/playground/ports.ts'
import { groupsApart, type Names } from '../../kit/playground/truth.ts'
import { startWorldFaults } from '../../kit/playground/world-faults.ts'
import { createPurposes } from '../../kit/wire/sent-by.ts'
import { makeFleet, NEW, OLD, type FleetSettings } from '../fleet.ts'
import { NEEDED, PLACE } from '../rolling.ts'
import { createSite, DEFINITION, type Site } from '../site.ts'
import { tracesOf } from '../traces.ts'
import type { SetRecord } from '../wire/account.ts'
import { startRepairs } from '../wire/repairs.ts'
import { startScaling } from './autoscaler.ts'
import { callsOf } from './call-faults.ts'
import { lead, ledOf, poolsOf, propagationOf, routerOf, type Led } from './led.ts'
import { createPeople } from './people.ts'
import { startProbing } from './probes.ts'
import { azureTruth } from './truth.ts'
import { sceneOf } from './world-faults.ts'

/** The smallest size that an autoscale setting of the fleet's owner allows. */
const OWN_MIN = 1

/** Azure on the wire, and the genuine client in every process. */
export const azurePlayground: Playground = {
  images: [imageId(OLD), imageId(NEW)],
  otherLaunch: { sku: { name: 'Standard_D4s_v5' } },
  open: async (world, options) => openOn(await createSite({ standing: true, world }), options),
}

function openOn(site: Site, options: CloudOptions): PlayedCloud {
  const { account, world } = site
  const faults = new FaultPlan(world, options.faults)
  const led = ledOf(options, world)
  const mode = world.random('mode').chance(0.5) ? 'Uniform' : 'Flexible'
  for (const version of [OLD, NEW]) site.publish(version, world.images.find(imageId(version)))
  account.sizes.set('Standard_D4s_v5', { architecture: 'x64', generations: 'V2' })
  account.operationMs = world.random('operations').whole(2_000, 40_000)
  makeSets(site, options, led, mode)
  const fates = callFates(callsOf(account), faults, options.latencyMs ?? [0, 0], world.random('network'))
  account.policy = azurePermissions({ ...PLACE, features: [...ALWAYS, NEEDED[led.way]] })
  account.propagation = propagationOf(world.random('propagation'))
  account.fateOf = (action, isRead) => fates({ service: 'management', action, isRead })
  account.spoils = () => faults.happens(9)
  const names: Names = { fleet: '', releases: new Map() }
  const truth = azureTruth(account, names, options.terminateMs ?? [0, 0], groupsApart(options))
  const people = createPeople(account, (fault) => faults.count(fault))
  startRepairs(account)
  startProbing(account)
  startScaling(account, faults, options.autoscaler?.periodMs)
  startWorldFaults(sceneOf(account, faults, people, (image) => site.withdraw(image)))
  return {
    truth,
    people,
    faults,
    // No look says where a machine is.
    checks: createChecks({ world, truth, addressOf: (id) => `http://${id}` }),
    metrics: createMetrics(truth, faults),
    ports: (life) => portsOf(site, life, names, led),
    drive: (promise, untilAt) => site.drive(promise, untilAt),
    traces: () => tracesOf(account, OWN_MIN).filter((one) => !BYSTANDERS.some((name) => name === one.on)),
    close: () => site.close(),
  }
}

function imageId(version: string): string {
  return `${DEFINITION}/versions/${version}`
}

/** Without repairs an instance that has ended stays in its set, ended. */
const REPAIRED = { automaticRepairsPolicy: { enabled: true, gracePeriod: 'PT10M' } }

/** The fleet that is rolled, and what stands beside it. */
function makeSets(site: Site, { fleets, autoscaler }: CloudOptions, { way, isCounted }: Led, mode: SetRecord['mode']): void {
  const [rolled, other] = fleets
  const [first, ...beside] = rolled?.groups ?? []
  // Some fleets have a fixed size, also where nothing scales the others.
  const isScaled = autoscaler !== undefined || site.world.random('autoscale setting').chance(0.5)
  const scaled = (min: number): FleetSettings => ({
    mode,
    properties: REPAIRED,
    ...(isScaled ? { bounds: { min, max: 100 } } : {}),
  })
  const [pool, spare] = poolsOf(way)
  makeFleet(site, { ...scaled(OWN_MIN), name: first?.id ?? 'web', size: first?.size ?? 1, pool })
  if (rolled?.spare !== undefined) makeFleet(site, { ...scaled(0), name: rolled.spare, size: 0, pool: isCounted ? pool : spare })
  lead(site, { way, isCounted }, rolled?.spare !== undefined)
  for (const { id, size } of [...beside, ...(other?.groups ?? [])]) makeFleet(site, { mode, name: id, size })
}

function portsOf(site: Site, life: Life, names: Names, led: Led): Ports {
  const purposes = createPurposes()
  const cloud = azure(site.accessOf(life, purposes.now))
  return learningPorts(names, { provider: cloud, router: routerOf(cloud, led) }, purposes)
}

/** What every fleet may make use of, and needs permissions for; its router does of one thing more. */
const ALWAYS: readonly AzureFeature[] = ['scaleSets', 'clone', 'rollingUpgrade', 'gallery']
