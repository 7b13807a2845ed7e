import type { TrafficRouter } from 'imago'
import { alb, aws, nlb } from 'imago/aws'
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
import { addSlot, makeFleet, NEW, OLD } from '../fleet.ts'
import { createSite, type Site } from '../site.ts'
import { tracesOf } from '../traces.ts'
import { imageRecord } from '../wire/account.ts'
import { isRead } from '../wire/reads.ts'
import { startTracking } from './autoscaler.ts'
import { callsOf } from './call-faults.ts'
import { createPeople } from './people.ts'
import { awsTruth } from './truth.ts'
import { sceneOf } from './world-faults.ts'

/** The smallest size that the owner of the fleet allows. */
const OWN_MIN = 1

/** AWS on the wire, and genuine SDK clients in every process. */
export const awsPlayground: Playground = {
  images: [OLD, NEW],
  otherLaunch: { InstanceType: 't3.small' },
  open: async (world, options) => await openOn(await createSite({ standing: true, world }), options),
}

async function openOn(site: Site, options: CloudOptions): Promise<PlayedCloud> {
  const { account, world } = site
  const faults = new FaultPlan(world, options.faults)
  const balancer = options.router !== false && options.router?.weights === false ? 'net' : 'app'
  for (const id of [OLD, NEW]) account.images.set(id, imageRecord(id, world.now))
  await makeGroups(site, options, balancer)
  const fates = callFates(callsOf(account), faults, options.latencyMs ?? [0, 0], world.random('network'))
  account.fateOf = (service, action) => fates({ service, action, isRead: isRead(action) })
  account.spoils = () => faults.happens(9)
  const names: Names = { fleet: '', releases: new Map() }
  const truth = awsTruth(account, names, options.terminateMs ?? [0, 0], groupsApart(options))
  const people = createPeople(account, (fault) => faults.count(fault))
  if (options.autoscaler !== undefined) startTracking(account, faults, options.autoscaler.periodMs)
  startWorldFaults(sceneOf(account, faults, people))
  const [listener = ''] = account.listeners.keys()
  const addressOf = (id: string) => `http://${account.instances.get(id)?.address}`
  return {
    truth,
    people,
    faults,
    checks: createChecks({ world, truth, addressOf }),
    metrics: createMetrics(truth, faults),
    ports: (life: Life) => portsOf(site, life, names, { listener, balancer }),
    drive: (promise, untilAt) => site.drive(promise, untilAt),
    traces: () => tracesOf(account, OWN_MIN).filter((one) => !BYSTANDERS.some((name) => name === one.on)),
    close: () => site.close(),
  }
}

/** The fleet that is rolled, and what stands beside it. */
async function makeGroups(site: Site, { fleets }: CloudOptions, balancer: 'app' | 'net'): Promise<void> {
  const [rolled, other] = fleets
  const [first, ...beside] = rolled?.groups ?? []
  await makeFleet(site, { size: first?.size ?? 1, min: OWN_MIN, max: 100, balancer })
  if (rolled?.spare !== undefined) await addSlot(site, balancer)
  const { LaunchTemplateId = '' } = (await site.owner.ec2.describeLaunchTemplates({})).LaunchTemplates?.[0] ?? {}
  for (const { id, size } of [...beside, ...(other?.groups ?? [])])
    await site.owner.autoScaling.createAutoScalingGroup({
      AutoScalingGroupName: id,
      MinSize: 0,
      MaxSize: 10,
      DesiredCapacity: size,
      LaunchTemplate: { LaunchTemplateId, Version: '1' },
    })
}

interface Way {
  readonly listener: string
  readonly balancer: 'app' | 'net'
}

function portsOf(site: Site, life: Life, names: Names, { listener, balancer }: Way): Ports {
  const purposes = createPurposes()
  const clients = site.clientsOf(life, purposes.now)
  const cloud = aws({ ...site.access, clients })
  const listeners = [listener]
  const router: TrafficRouter = balancer === 'net' ? nlb(cloud, { listeners }) : alb(cloud, { listeners })
  return learningPorts(names, { provider: cloud, router }, purposes)
}
