import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { clone, createImago, type Fleet, type Rollout } from 'imago'
import { local, localBalancer, localMetrics } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'
import { startLoad, type Load, type LoadLine } from '../../examples/demo/load.ts'
import { buildImage, WEB } from '../../examples/images/build.ts'
import { startController, type Controller } from './controller.ts'
import type { Course } from './courses.ts'
import { processesOf, type Processes } from './processes.ts'

/** Instances of the fleet. */
export const SIZE = 4

/** A fleet of real processes under load, whose controllers are processes that can be killed. */
export interface Site {
  readonly home: string
  readonly fleet: Fleet
  readonly load: Load
  /** Plans and starts the next image; nobody drives it yet. */
  next(course: Course): Promise<Started>
  /** A controller for it, ready to begin. */
  controller(started: Started): Promise<Controller>
  /** Failed requests that were not handed out yet. */
  failures(): readonly LoadLine[]
  processes(): Promise<Processes>
  close(): Promise<void>
}

/** A rollout, and what the answers of its image say in `x-image`. */
export interface Started {
  readonly rollout: Rollout
  readonly label: string
}

/** Brings the fleet and the load up. */
export async function openSite(): Promise<Site> {
  const home = await mkdtemp(join(tmpdir(), 'imago-kills-'))
  const cloud = local({ home })
  const imago = createImago({
    store: sqlite({ path: join(home, 'rollouts.db') }),
    providers: { local: cloud },
    metrics: { balancer: localMetrics(cloud) },
  })
  const fleet = imago.fleet('web', {
    provider: 'local',
    groups: clone({ adopt: 'web' }),
    traffic: localBalancer(cloud, { name: 'web' }),
  })
  const importImage = async (label: string, behaviour = {}) => {
    const folder = await buildImage(WEB, { label, behaviour })
    const { ref } = await cloud.images.import(folder)
    await rm(folder, { recursive: true })
    return ref
  }
  await cloud.groups.create({
    name: 'web',
    image: await importImage('v0'),
    size: SIZE,
    command: ['node', 'server.mjs'],
    health: { path: '/health', interval: '100ms', timeout: '2s', startup: '20s' },
    stop: { graceMs: 8_000 },
  })
  const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
  while (!(await cloud.groups.list())[0]?.instances.every((one) => one.state === 'healthy')) await sleep(100)
  const load = await startLoad(address)
  let count = 0
  let handedOut = 0
  return {
    home,
    fleet,
    load,
    async next({ strategy, behaviour, startup = '20s' }) {
      const label = `v${++count}`
      const image = await importImage(label, behaviour)
      const plan = await fleet.plan({ image, launch: { health: { startup } }, strategy })
      return { rollout: await fleet.start(plan, { by: 'test' }), label }
    },
    controller: ({ rollout }) => startController(home, rollout.id),
    failures() {
      const fresh = load.lines.slice(handedOut)
      handedOut = load.lines.length
      return fresh.filter((line) => line.why !== undefined)
    },
    processes: () => processesOf(home),
    async close() {
      await load.stop()
      await imago.close()
      await cloud.destroy()
      await rm(home, { recursive: true, force: true })
    },
  }
}
