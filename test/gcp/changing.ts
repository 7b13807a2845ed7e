import { clone, type CallContext, type FleetTarget, type GroupRequest } from 'imago'
import { gcp, urlMap } from 'imago/gcp'
import { addService, addUrlMap } from './balancer.ts'
import { addGroup, setUpImages, ZONE, type FleetSettings } from './fleet.ts'
import { createSite } from './site.ts'
import { urlOf, type GroupRecord } from './wire/project.ts'

export const target: FleetTarget = { name: 'web', placement: clone({ adopt: 'web' }), handles: [] }

let tokens = 0

/** What a call is given, under a token of its own. */
export function call(): CallContext {
  return { signal: new AbortController().signal, token: `changing/${++tokens}` }
}

/** A site with a group of three behind a URL map, and what asks for a second one. */
export async function changing(settings: FleetSettings = {}) {
  const site = await createSite()
  const images = setUpImages(site)
  const group = addGroup(site, { scaled: { min: 1, max: 10 }, ...settings })
  Object.assign(group, { description: 'the shop', namedPorts: [{ name: 'http', port: 8_080 }] } satisfies Partial<GroupRecord>)
  addService(site, 'web', { groups: [group.path] })
  addUrlMap(site, { defaultService: urlOf(site.project, 'global/backendServices/web') })
  const cloud = gcp(site.accessTo(settings.location ?? ZONE))
  const look = () => cloud.describe(target, call())
  const base = async () => {
    const { groups, releases } = await look()
    return releases[groups[0]!.release]!
  }
  return {
    site,
    group,
    cloud,
    router: urlMap(cloud, { urlMap: 'web' }),
    look,
    base,
    settle: () => site.world.runUntil(site.world.now + 60_000),
    async request(more: Partial<GroupRequest> = {}): Promise<GroupRequest> {
      const image = `gce:${site.project.id}/${images.new.id}`
      const { release, sealed } = await cloud.resolve(target, { image, base: await base() }, call())
      return { group: 'web-v001', release, sealed, like: 'web', size: 2, rolloutId: 'web#1', binding: 'web', ...more }
    },
  }
}
