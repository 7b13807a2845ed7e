import type { FleetContractOptions, FleetWanted, RoutedSite } from '../../src/testing/contracts/fleet/site.ts'
import { worldTime } from '../../src/testing/contracts/time.ts'
import { createCloud, type Cloud, type CloudOptions } from '../../src/testing/cloud/index.ts'
import { createWorld } from '../../src/testing/world/index.ts'

/** Ways of the simulated cloud that a contract must hold in. */
export const WAYS: Readonly<Record<string, Partial<CloudOptions>>> = {
  'perfect and instantaneous': {},
  'by count': { router: { weights: false, countsRequests: false } },
  'without versions': { conditional: false },
  'with all of the traffic one way': { router: { shares: false } },
  'with one preview for all routes': { router: { preview: 'moved' } },
  'with handles, and effects that land later': { handles: true, settleMs: 8_000, latencyMs: [50, 2_000] },
  'without handles, where reads lag': {
    settleMs: 10_000,
    faults: { kinds: [5], rates: { 5: 1 } },
    router: { propagationMs: 5_000, drainMs: [0, 20_000] },
    terminateMs: [0, 30_000],
  },
}

/** What the suites for providers and routers are told about a simulated cloud; `adapt` may put faults into its ports. */
export function simulated(
  cloud: Partial<CloudOptions> = {},
  adapt: (site: RoutedSite) => Partial<RoutedSite> = () => ({}),
): FleetContractOptions<SimulatedSite> {
  return {
    images: {
      stable: 'img-1',
      other: 'img-2',
      missing: 'img-none',
      malformed: 'no image',
      alias: { name: { alias: 'latest', kind: 'tag' }, image: 'img-2' },
      unhealthy: 'img-mute',
      crashing: 'img-mortal',
    },
    patienceMs: 600_000,
    create: (wanted) => {
      const site = createSite(cloud, wanted)
      return { ...site, ...adapt(site) }
    },
    createLossy(wanted, landing) {
      const fault = landing === 'whole' ? 3 : 11
      const site = createSite({ ...cloud, faults: { kinds: [fault], rates: { [fault]: 1 } } }, wanted)
      return { ...site, ...adapt(site), recover: () => site.cloud.faults.stop() }
    },
    send: ({ cloud: { truth } }, count) => {
      const all = [...truth.groups.values()].flatMap((group) => group.instances)
      const answering = all.filter((one) => one.machine.loaded).map((one) => one.machine.id)
      return Promise.resolve(Array.from({ length: count }, (_, index) => answering[index % answering.length] ?? 'nobody'))
    },
  }
}

interface SimulatedSite extends RoutedSite {
  readonly cloud: Cloud
}

function createSite(options: Partial<CloudOptions>, { slots, ...wanted }: FleetWanted): SimulatedSite {
  const world = createWorld({ seed: 1, bootMs: [5_000, 10_000] })
  world.images.publish('img-1', { kind: 'good' })
  world.images.publish('img-2', { kind: 'good' })
  world.images.publish('img-mute', { kind: 'never-healthy' })
  world.images.publish('img-mortal', { kind: 'boot-loop' })
  const spare = slots ? { spare: 'web-b' } : {}
  const fleets = [{ groups: [{ id: 'web', image: 'img-1', ...wanted }], ...spare }]
  const cloud = createCloud(world, { fleets, aliases: { latest: 'img-2' }, ...options })
  const elsewhere = createCloud(createWorld({ seed: 1 }), { fleets: [] }).router
  const { provider, router } = cloud
  if (router === undefined || elsewhere === undefined) throw new TypeError('a router is part of this site')
  const names = { binding: 'web', group: 'web', ...spare, launch: { size: 'large' } }
  return { cloud, provider, router, nowhere: elsewhere, ...names, time: worldTime(world) }
}
