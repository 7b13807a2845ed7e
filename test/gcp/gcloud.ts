import { backendService } from 'imago/gcp'
import { inPlace, type GroupView, type InstanceView, type ProviderLook } from 'imago'
import type { CommandLine } from '../witnesses/gcloud.ts'
import { call, changing, target } from './changing.ts'
import { addGroup, ZONE } from './fleet.ts'
import { running } from './rolling.ts'
import type { Site } from './site.ts'
import { surgeOf, unavailableOf } from './wire/policy.ts'
import type { Json } from './wire/project.ts'

/** A world that somebody changes. */
export type World = Awaited<ReturnType<typeof changing>>

/** The same change, made by two. */
export interface Change {
  readonly prepare?: (world: World) => Promise<void>
  readonly byGcloud: (run: (...command: readonly string[]) => Promise<unknown>, world: World) => Promise<void>
  readonly byImago: (world: World) => Promise<void>
}

const MANAGED = ['instance-groups', 'managed'] as const
const UPDATER = [...MANAGED, 'rolling-action'] as const
const at = ['--zone', ZONE] as const
const placed = { ...target, placement: inPlace('web'), updates: true }
const second = ['web', '--global', '--instance-group', 'web-b', '--instance-group-zone', ZONE] as const

/** What gcloud can do of what imago does. */
export const changes: Readonly<Record<string, Change>> = {
  'an update of a whole group': {
    async byGcloud(run, world) {
      await startByGcloud(run)
      // Whoever looks again has let ten seconds pass.
      world.site.project.fateOf = (name) => void (name.endsWith('.get') && world.site.world.runUntil(world.site.world.now + 30_000))
      await run(...MANAGED, 'wait-until', 'web', '--stable', ...at)
    },
    async byImago(world) {
      await startByImago(world)
      const isAtWork = async () => (await lookAt(world)).groups[0]?.update?.state === 'running'
      for (let looks = 0; looks < 100 && (await isAtWork()); looks++) world.site.world.runUntil(world.site.world.now + 10_000)
    },
  },
  'an update that is stopped': {
    async byGcloud(run, world) {
      await startByGcloud(run)
      world.site.world.runUntil(world.site.world.now + 60_000)
      await run(...UPDATER, 'stop-proactive-update', 'web', ...at)
    },
    async byImago(world) {
      await startByImago(world)
      world.site.world.runUntil(world.site.world.now + 60_000)
      await world.cloud.updater!.stop(placed, 'web', call())
    },
  },
  'a group that joins a backend service': {
    prepare: addSecond,
    byGcloud: async (run) => void (await run('backend-services', 'add-backend', ...second)),
    byImago: async (world) => void (await routerOf(world).join(target, 'web', 'web-b', call())),
  },
  'a group that leaves it again': {
    async prepare(world) {
      await addSecond(world)
      await routerOf(world).join(target, 'web', 'web-b', call())
    },
    byGcloud: async (run) => void (await run('backend-services', 'remove-backend', ...second)),
    byImago: async (world) => void (await routerOf(world).leave(target, 'web', 'web-b', 'all', call())),
  },
  'a group that is deleted with what was made for it': {
    prepare: async ({ cloud, request, settle }) => {
      await cloud.ensureGroup(target, await request(), call())
      settle()
    },
    async byGcloud(run, { site }) {
      const [template = ''] = templatesOf(site, 'web-v001')
      await run(...MANAGED, 'delete', 'web-v001', ...at)
      await run('instance-templates', 'delete', template)
    },
    byImago: async ({ cloud }) => void (await cloud.retire(target, 'web-v001', call())),
  },
}

const startByGcloud = (run: (...command: readonly string[]) => Promise<unknown>) =>
  run(...UPDATER, 'start-update', 'web', '--version=template=web-2', '--max-surge=1', '--max-unavailable=0', ...at)

async function startByImago({ cloud, request }: World): Promise<void> {
  const asked = await request({ group: 'web', size: 0 })
  await cloud.ensureGroup(placed, asked, call())
  await cloud.updater!.start(placed, 'web', { release: asked.release.id, maxSurge: 1, maxUnavailable: 0, soakMs: 0 }, call())
}

const lookAt = ({ cloud }: World) => cloud.describe(placed, call())
const routerOf = ({ cloud }: World) => backendService(cloud, { backendService: 'web' })

/** Another group of the same fleet, which nothing sends to. */
async function addSecond({ site }: World): Promise<void> {
  addGroup(site, { name: 'web-b', size: 2 })
}

function templatesOf({ project }: Site, group: string): string[] {
  const found = [...project.groups.values()].find((one) => one.name === group)
  return (found?.versions ?? []).map(({ template }) => template.split('/').at(-1)!)
}

/** How a project stands, in what both can say: who made a template for which image, and what is noted in descriptions, is their own. */
export function standing(site: Site): Json {
  const { groups, autoscalers, services, urlMaps, templates, images } = site.project
  const bootOf = (template: string) => [...images.keys()].find((name) => JSON.stringify(templates.get(template)).includes(name))
  return {
    groups: [...groups.values()].map((one) => ({
      name: one.name,
      size: one.targetSize,
      updates: [one.updateType, one.minimalAction ?? 'REPLACE', one.replacementMethod],
      bounds: [surgeOf(one), unavailableOf(one)],
      launches: one.versions.map(({ template, name: _name, ...size }) => ({ image: bootOf(template), ...size })),
      instances: one.instances.size,
    })),
    runs: running(site).toSorted(),
    scalers: [...autoscalers.values()].map(({ name, mode, min, max }) => ({ name, mode, min, max })),
    services: [...services.values()].map(({ name, backends }) => ({ name, backends: [...backends] })),
    maps: urlMaps.size,
    templates: templates.size,
  }
}

/** Runs commands of one command line in a world. */
export function runIn({ project }: Site, line: CommandLine) {
  return (...command: readonly string[]) => line.run(project.id, ...command)
}
