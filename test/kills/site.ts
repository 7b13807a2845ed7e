import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { clone, createImago, type Rollout } from 'imago'
import { local, localBalancer } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'
import { startLoad, type Load } from '../../examples/demo/load.ts'
import { buildImage, WEB } from '../../examples/images/build.ts'
import { root } from '../../tools/subpaths.ts'
import type { strategies } from './strategies.ts'

const DRIVER = fileURLToPath(new URL('./driver.ts', import.meta.url))
const SIZE = 4

/** How a driver ended: with an outcome, with an error that it told, or killed. */
export interface Ending {
  readonly outcome?: string
  readonly error?: string
  readonly code?: string
}

/** A fleet of real processes under load, whose controllers are processes that can be killed. */
export interface Site {
  readonly home: string
  readonly load: Load
  /** Plans and starts the next image; nobody drives it yet. */
  next(strategy: (typeof strategies)[number]): Promise<Rollout>
  /** Starts a controller for it. */
  drive(rolloutId: string): { readonly child: ChildProcess; readonly ending: Promise<Ending> }
  /** Pid of the daemon or the balancer, found among the processes of this home. */
  pidOf(which: 'daemon' | 'balancer'): Promise<number>
  /** Groups, and how many of their instances are healthy. */
  groups(): Promise<readonly { readonly id: string; readonly healthy: number; readonly instances: number }[]>
  close(): Promise<void>
}

/** Brings the fleet and the load up. */
export async function openSite(): Promise<Site> {
  const home = await mkdtemp(join(tmpdir(), 'imago-kills-'))
  const cloud = local({ home })
  const imago = createImago({ store: sqlite({ path: join(home, 'rollouts.db') }), providers: { local: cloud } })
  const fleet = imago.fleet('web', {
    provider: 'local',
    groups: clone({ adopt: 'web' }),
    traffic: localBalancer(cloud, { name: 'web' }),
  })
  let count = 0
  const newImage = async () => {
    const folder = await buildImage(WEB, { label: `v${++count}` })
    const { ref } = await cloud.images.import(folder)
    await rm(folder, { recursive: true })
    return ref
  }
  const groups = async () =>
    (await cloud.groups.list()).map(({ id, instances }) => ({
      id,
      instances: instances.length,
      healthy: instances.filter((instance) => instance.state === 'healthy').length,
    }))
  await cloud.groups.create({
    name: 'web',
    image: await newImage(),
    size: SIZE,
    command: ['node', 'server.mjs'],
    health: { path: '/health', interval: '100ms', timeout: '2s', startup: '20s' },
    stop: { graceMs: 8_000 },
  })
  const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
  while ((await groups())[0]?.healthy !== SIZE) await sleep(100)
  const load = await startLoad(address)
  return {
    home,
    load,
    async next(strategy) {
      return await fleet.start(await fleet.plan({ image: await newImage(), strategy }), { by: 'test' })
    },
    drive: (rolloutId) => drive(home, rolloutId),
    pidOf: (which) => pidOf(home, which),
    groups,
    async close() {
      await load.stop()
      await imago.close()
      await cloud.destroy()
      await rm(home, { recursive: true, force: true })
    },
  }
}

function drive(home: string, rolloutId: string): ReturnType<Site['drive']> {
  const child = spawn(process.execPath, ['--import', join(root, 'tools/source.mjs'), DRIVER, home, rolloutId], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ending = once(child, 'close').then(() =>
    said === '' ? {} : (JSON.parse(said.trim().split('\n').at(-1) ?? '{}') as Ending),
  )
  return { child, ending }
}

/** The command lines of the local cloud's processes name their home. */
async function pidOf(home: string, which: string): Promise<number> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    try {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8')
      if (line.includes(home) && line.includes(`${which}/main.`)) return Number(pid)
    } catch {
      // It ended while the list was read.
    }
  }
  throw new Error(`no ${which} of ${home} runs`)
}
