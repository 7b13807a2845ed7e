import type { FleetContractOptions, RoutedSite } from '../../src/testing/contracts/fleet/site.ts'
import { worldTime } from '../../src/testing/contracts/time.ts'
import { createCloud, type CloudOptions } from '../../src/testing/cloud/index.ts'
import { createWorld } from '../../src/testing/world/index.ts'

/** Ways of the simulated cloud that a contract must hold in. */
export const WAYS: Readonly<Record<string, Partial<CloudOptions>>> = {
  'perfect and instantaneous': {},
  'by count': { router: { weights: false, countsRequests: false } },
  'without versions': { conditional: false },
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
): FleetContractOptions<RoutedSite> {
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
    create: ({ size, min, max }) => {
      const site = createSite(cloud, { id: 'web', image: 'img-1', size, min, max })
      return { ...site, ...adapt(site) }
    },
  }
}

function createSite(
  options: Partial<CloudOptions>,
  group: { readonly id: string; readonly image: string; readonly size: number; readonly min: number; readonly max: number },
): RoutedSite {
  const world = createWorld({ seed: 1, bootMs: [5_000, 10_000] })
  world.images.publish('img-1', { kind: 'good' })
  world.images.publish('img-2', { kind: 'good' })
  world.images.publish('img-mute', { kind: 'never-healthy' })
  world.images.publish('img-mortal', { kind: 'boot-loop' })
  const { provider, router } = createCloud(world, { fleets: [{ groups: [group] }], aliases: { latest: 'img-2' }, ...options })
  const elsewhere = createCloud(createWorld({ seed: 1 }), { fleets: [] }).router
  if (router === undefined || elsewhere === undefined) throw new TypeError('a router is part of this site')
  return { provider, router, nowhere: elsewhere, binding: 'web', group: 'web', launch: { size: 'large' }, time: worldTime(world) }
}
