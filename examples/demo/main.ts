/**
 * The main job: a fleet of processes under constant load, two good images and two bad ones rolled through it.
 *
 *     npm start [-- --json]
 *
 * It needs nothing but this machine and leaves nothing on it. With `--json` the last line of standard output is
 * `{ rollouts: [...] }`, whose fields are those of `Result` in results.ts. It fails when a promise of summary.ts is broken.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { blueGreen, canary, clone, createImago } from 'imago'
import { local, localBalancer, localMetrics } from 'imago/local'
import { sqlite } from 'imago/stores/sqlite'
import { buildImage, WEB, type Behaviour } from '../images/build.ts'
import { startLoad, type Load } from './load.ts'
import { surfaceOf } from './paint.ts'
import { resultOf, type Result } from './results.ts'
import { createScreen } from './screen.ts'
import { brokenPromises, GATE_INTERVAL_MS, summary } from './summary.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
const SIZE = 6

/** Said once or again and again, by a person or by a terminal that was closed: what was begun here is taken down, then it ends. */
const letGo = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => letGo.abort(new Error(name)))
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => letGo.abort(new Error('nobody reads any more')))

// Of npm, when it is told to end, only the shell hears that it started this with; it hands no signal on.
const { ppid } = process
setInterval(() => process.ppid === ppid || letGo.abort(new Error('who started this is gone')), 500).unref()

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

let load: Load | undefined
// Standard output is for the result when a program reads it.
const surface = surfaceOf(values.json ? process.stderr : process.stdout)
const screen = createScreen(surface, () => load)
const results: Result[] = []

const analysis = {
  metrics: [{ source: 'balancer', query: 'error-rate', of: 'candidate', must: { op: '<', value: 0.05 } }],
  interval: GATE_INTERVAL_MS,
  window: '2s',
  count: 2,
  deadline: '30s',
} as const
const byCanary = canary({ weights: [5, 25, 50], bake: '1s', analysis })
const byBlueGreen = blueGreen({ bake: '3s', analysis })

const watching = new AbortController()
const watched = watch(watching.signal)
try {
  screen.say(`A fleet of ${SIZE} processes behind a balancer, asked 250 times a second; four images are rolled through it.`)
  await bringUp()
  await roll('1 of 4, v2: a new image, by canary', 'v2', {}, byCanary)
  await roll('2 of 4, v3: another one, by blue/green', 'v3', {}, byBlueGreen)
  await roll('3 of 4, broken: healthy, but half of its answers are errors', 'broken', { failShare: 0.5 }, byCanary)
  await roll('4 of 4, never: an image that never becomes healthy', 'never', { healthy: false }, byBlueGreen)
} catch (error) {
  if (!letGo.signal.aborted) throw error
} finally {
  watching.abort()
  await watched
  screen.close()
  if (letGo.signal.aborted) screen.say('\nLet go: what was begun here is taken down.')
  await load?.stop()
  await imago.close()
  await cloud.destroy()
  await rm(home, { recursive: true, force: true })
}
if (letGo.signal.aborted) process.exitCode = 130
else tell()

function tell(): void {
  const broken = brokenPromises(results, load?.failed() ?? 0)
  screen.say(`\n${summary(results, surface.paint)}\n`)
  for (const promise of broken) screen.say(`  ${surface.paint.red(`Not as promised: ${promise}.`)}`)
  if (broken.length > 0) process.exitCode = 1
  if (values.json) process.stdout.write(`${JSON.stringify({ rollouts: results })}\n`)
}

async function bringUp(): Promise<void> {
  const v1 = await importImage('v1')
  await cloud.groups.create({
    name: 'web',
    image: v1,
    size: SIZE,
    command: ['node', 'server.mjs'],
    health: { path: '/health', interval: '200ms', timeout: '1s', startup: '10s' },
    stop: { graceMs: 8_000 },
  })
  const { address } = await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
  for (let healthy = 0; healthy < SIZE; await sleep(100, undefined, { signal: letGo.signal })) {
    const [web] = await cloud.groups.list()
    healthy = web?.instances.filter((instance) => instance.state === 'healthy').length ?? 0
  }
  load = await startLoad(address)
}

async function importImage(label: string, behaviour: Behaviour = {}): Promise<string> {
  letGo.signal.throwIfAborted()
  const folder = await buildImage(WEB, { label, behaviour })
  try {
    return (await cloud.images.import(folder)).ref.id
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function roll(
  title: string,
  label: string,
  behaviour: Behaviour,
  strategy: Parameters<typeof fleet.plan>[0]['strategy'],
): Promise<void> {
  const image = await importImage(label, behaviour)
  const plan = await fleet.plan({ image, strategy })
  screen.begin(title, plan)
  const rollout = await fleet.start(plan, { by: 'demo' })
  rollout.onAny((event) => screen.event(event))
  await rollout.run({ signal: letGo.signal, onTurn: (turn) => screen.turn(turn) })
  letGo.signal.throwIfAborted()
  // The load's last interval of this rollout is still to come.
  await sleep(600, undefined, { signal: letGo.signal })
  const result = resultOf(await Array.fromAsync(rollout.events()), load?.lines ?? [], label)
  results.push(result)
  screen.end(
    `${label} ${result.outcome} in ${(result.durationMs / 1_000).toFixed(1)}s: ${result.requests} requests, ${result.failedRequests} failed`,
  )
}

/** Keeps the picture of the fleet fresh; what cannot be seen now is seen in a moment. */
async function watch(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const groups = await cloud.groups.list().catch(() => undefined)
    if (groups !== undefined)
      screen.groups(groups.map(({ id, instances }) => ({ id, states: instances.map((one) => one.state) })))
    await sleep(300, undefined, { signal }).catch(() => undefined)
  }
}
