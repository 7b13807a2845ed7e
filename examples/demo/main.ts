/**
 * The main job: a fleet of processes under constant load, two good images and two bad ones rolled through it.
 *
 *     npm start [-- --json]
 *
 * It needs nothing but this machine and leaves nothing on it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { blueGreen, canary, clone, createImago } from 'imago'
import { local, localBalancer, localMetrics } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'
import { buildImage, WEB, type Behaviour } from '../images/build.ts'
import { startLoad, type Load } from './load.ts'
import { resultOf, type Result } from './results.ts'
import { createScreen } from './screen.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })

const home = await mkdtemp(join(tmpdir(), 'imago-demo-'))
const cloud = local({ home })
const router = localBalancer(cloud, { name: 'web' })
const imago = createImago({
  store: sqlite({ path: join(home, 'rollouts.db') }),
  providers: { local: cloud },
  metrics: { balancer: localMetrics(cloud) },
  lookInterval: '250ms',
})
const fleet = imago.fleet('web', { provider: 'local', groups: clone({ adopt: 'web' }), traffic: router })

const letGo = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => letGo.abort(new Error(name)))

let load: Load | undefined
const screen = createScreen(() => load)
const results: Result[] = []

const analysis = {
  metrics: [{ source: 'balancer', query: 'error-rate', of: 'candidate', must: { op: '<', value: 0.05 } }],
  interval: '1s',
  window: '2s',
  count: 2,
  deadline: '30s',
} as const
const byCanary = canary({ weights: [5, 25, 50], bake: '1s', analysis })
const byBlueGreen = blueGreen({ bake: '3s', analysis })

try {
  const v1 = await importImage('v1')
  await cloud.groups.create({
    name: 'web',
    image: v1,
    size: 6,
    command: ['node', 'server.mjs'],
    health: { path: '/health', interval: '200ms', timeout: '1s', startup: '20s' },
    stop: { graceMs: 8_000 },
  })
  const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
  await healthy('web', 6)
  load = await startLoad(address)

  await roll('a new image, by canary', 'v2', {}, byCanary)
  await roll('another one, by blue/green', 'v3', {}, byBlueGreen)
  await roll('a broken image: healthy, but half of its answers are errors', 'broken', { failShare: 0.5 }, byCanary)
  await roll('an image that never becomes healthy', 'never', { healthy: false }, byBlueGreen)
} catch (error) {
  if (!letGo.signal.aborted) throw error
} finally {
  await load?.stop()
  await imago.close()
  await cloud.destroy()
  await rm(home, { recursive: true, force: true })
}
if (letGo.signal.aborted) process.exitCode = 130
else if (values.json) process.stdout.write(`${JSON.stringify({ rollouts: results })}\n`)
else console.table(results)

async function importImage(label: string, behaviour: Behaviour = {}): Promise<string> {
  const folder = await buildImage(WEB, { label, behaviour })
  const { ref } = await cloud.images.import(folder)
  await rm(folder, { recursive: true })
  return ref.id
}

async function healthy(group: string, size: number): Promise<void> {
  for (;;) {
    letGo.signal.throwIfAborted()
    const found = (await cloud.groups.list()).find((one) => one.id === group)
    if (found?.instances.filter((instance) => instance.state === 'healthy').length === size) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function roll(
  title: string,
  label: string,
  behaviour: Behaviour,
  strategy: Parameters<typeof fleet.plan>[0]['strategy'],
): Promise<void> {
  letGo.signal.throwIfAborted()
  const image = await importImage(label, behaviour)
  const plan = await fleet.plan({ image, strategy })
  screen.begin(`${label}: ${title}`, plan)
  const rollout = await fleet.start(plan, { by: 'demo' })
  rollout.onAny((event) => screen.event(event))
  const glancing = setInterval(() => void glance(), 300)
  const report = await rollout.run({ signal: letGo.signal, onTurn: (turn) => screen.turn(turn) })
  clearInterval(glancing)
  letGo.signal.throwIfAborted()
  await new Promise((resolve) => setTimeout(resolve, 600))
  const result = resultOf(await Array.fromAsync(rollout.events()), load?.lines ?? [], label)
  results.push(result)
  screen.end(
    `${report.outcome} in ${(report.durationMs / 1_000).toFixed(1)} s: ${result.requests} requests, ${result.failedRequests} failed`,
  )
}

async function glance(): Promise<void> {
  try {
    const groups = await cloud.groups.list()
    screen.groups(groups.map(({ id, instances }) => ({ id, states: instances.map((instance) => instance.state) })))
  } catch {
    // Only a picture: the next one comes in a moment.
  }
}
