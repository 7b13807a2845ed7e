import { inPlace } from 'imago'
import { backendService } from 'imago/gcp'
import type { CommandLine } from '../witnesses/gcloud.ts'
import { call, target, type changing } from './changing.ts'
import { ZONE } from './fleet.ts'
import { running } from './rolling.ts'
import type { Site } from './site.ts'
import { surgeOf, unavailableOf } from './wire/policy.ts'

/** A world that somebody changes. */
export type World = Awaited<ReturnType<typeof changing>>

/** The same change, made by two. */
export interface Change {
  readonly prepare?: (world: World) => Promise<void>
  readonly byGcloud: (run: (...command: readonly string[]) => Promise<unknown>, world: World) => Promise<void>
  readonly byImago: (world: World) => Promise<void>
  /** What of how it stands then is another by intent. @default - nothing */
  readonly otherwise?: 'runs'
}

/** Words that commands begin with. */
export const MANAGED = ['instance-groups', 'managed'] as const
const UPDATER = [...MANAGED, 'rolling-action'] as const
/** Words for where fleets are. */
export const IN_ZONE = ['--zone', ZONE] as const
const placed = { ...target, placement: inPlace('web'), updates: true }
const second = ['web', '--global', '--instance-group', 'web-v001', '--instance-group-zone', ZONE] as const

/** What gcloud can do of what imago does. */
export const changes: Readonly<Record<string, Change>> = {
  'an update of a whole group': {
    async byGcloud(run, world) {
      await startByGcloud(run)
      // Nobody else lets time pass while it waits.
      world.site.project.fateOf = (name) =>
        void (name.endsWith('.get') && world.site.world.runUntil(world.site.world.now + 60_000))
      await run(...MANAGED, 'wait-until', 'web', '--stable', ...IN_ZONE)
    },
    async byImago(world) {
      await startByImago(world)
      const isAtWork = async () => (await lookAt(world)).groups[0]?.update?.state === 'running'
      for (let looks = 0; looks < 100 && (await isAtWork()); looks++) world.site.world.runUntil(world.site.world.now + 10_000)
    },
  },
  'an update that is stopped': {
    // Whom it has launched beyond the size: Google's group ends an old one for each that gets well, and imago ends them, so that nobody old goes.
    otherwise: 'runs',
    async byGcloud(run, world) {
      await startByGcloud(run)
      world.site.world.runUntil(world.site.world.now + 60_000)
      await run(...UPDATER, 'stop-proactive-update', 'web', ...IN_ZONE)
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
    byImago: async (world) => void (await routerOf(world).join(target, 'web', 'web-v001', call())),
  },
  'a group that leaves it again': {
    async prepare(world) {
      await addSecond(world)
      await routerOf(world).join(target, 'web', 'web-v001', call())
    },
    byGcloud: async (run) => void (await run('backend-services', 'remove-backend', ...second)),
    byImago: async (world) => void (await routerOf(world).leave(target, 'web', 'web-v001', 'all', call())),
  },
  'a group that is deleted, and what scales it': {
    prepare: addSecond,
    byGcloud: async (run) => void (await run(...MANAGED, 'delete', 'web-v001', ...IN_ZONE)),
    byImago: async ({ cloud }) => void (await cloud.retire(target, 'web-v001', call())),
  },
}

const startByGcloud = (run: (...command: readonly string[]) => Promise<unknown>) =>
  run(...UPDATER, 'start-update', 'web', '--version=template=web-2', '--max-surge=1', '--max-unavailable=0', ...IN_ZONE)

async function startByImago({ cloud, request }: World): Promise<void> {
  const asked = await request({ group: 'web', size: 0 })
  await cloud.ensureGroup(placed, asked, call())
  await cloud.updater!.start(placed, 'web', { release: asked.release.id, maxSurge: 1, maxUnavailable: 0, soakMs: 0 }, call())
}

const lookAt = ({ cloud }: World) => cloud.describe(placed, call())
const routerOf = ({ cloud }: World) => backendService(cloud, { backendService: 'web' })

/** A clone that nothing sends to. */
async function addSecond({ cloud, request, settle }: World): Promise<void> {
  const { binding: _binding, ...asked } = await request()
  await cloud.ensureGroup(target, asked, call())
  settle()
}

/** How a project stands, in what both can say: who made a template for which image, and what is noted in descriptions, is their own. */
export function standing(site: Site) {
  const { groups, autoscalers, services, templates, images } = site.project
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
  }
}

/** Runs commands of one command line in a world. */
export function runIn({ project }: Site, line: CommandLine) {
  return (...command: readonly string[]) => line.run(project.id, ...command)
}
