/**
 * What the local balancer costs: requests a second and latency of one Node backend with answers of 1 KB, asked directly, through the balancer
 * and, where it is installed, through HAProxy with one thread; 32 keep-alive connections, in turns, the median of all rounds. The load comes
 * from wrk where it is installed, else from a loop in a process of its own. All of them share this machine's cores.
 *
 *     npm exec -- node bench/balancer.ts [--json] [--rounds 5] [--duration 4s]
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import type { BalancerState } from '../providers/local/balancer/table.ts'
import { formatDuration, parseDuration } from '../src/core/duration.ts'

const CONNECTIONS = 32
const BYTES = 1_024
const LEAST_THROUGHPUT = 0.25
const MOST_LATENCY = 3
const BALANCER = fileURLToPath(new URL('../providers/local/balancer/main.ts', import.meta.url))

interface Round {
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
}

const started: ChildProcess[] = []

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(child)
  return child
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [string]
  return line
}

function isInstalled(command: string): boolean {
  return spawnSync(command, ['-v'], { stdio: 'ignore' }).error === undefined
}

async function startBackend(): Promise<number> {
  return Number(await firstLine(start(process.execPath, [fileURLToPath(import.meta.url), '--role', 'backend'])))
}

function serveAnswers(): void {
  const body = 'x'.repeat(BYTES)
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain', 'content-length': BYTES }).end(body)
  })
  server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port))
}

async function startBalancer(folder: string, backend: number): Promise<number> {
  const targets = [{ instance: 'one', host: '127.0.0.1', port: backend, state: 'in' }]
  const service = { name: 'bench', listen: { host: '127.0.0.1', port: 0 }, pools: [{ binding: 'all', weight: 100, targets }] }
  const file = join(folder, 'table.json')
  await writeFile(file, JSON.stringify({ version: 1, services: [service] }))
  const state = JSON.parse(await firstLine(start(process.execPath, [BALANCER, '--table', file]))) as BalancerState
  return state.services['bench']?.address?.port as number
}

async function startHaproxy(folder: string, backend: number): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  const { port } = holder.address() as { port: number }
  await once(holder.close(), 'close')
  const file = join(folder, 'haproxy.cfg')
  const sections = [
    'global\n  nbthread 1',
    'defaults\n  mode http\n  timeout connect 1s\n  timeout client 30s\n  timeout server 30s\n  http-reuse always\n  option forwardfor',
    `frontend in\n  bind 127.0.0.1:${port}\n  default_backend out`,
    `backend out\n  server one 127.0.0.1:${backend}`,
  ]
  await writeFile(file, `${sections.join('\n')}\n`)
  await answering(start('haproxy', ['-f', file, '-db']), port)
  return port
}

/** Waits until a server answers. @throws Error when its process has ended instead. */
async function answering(server: ChildProcess, port: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined)
    await answer?.body?.cancel()
    if (answer?.ok === true) return
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended with ${server.exitCode} instead of serving.`)
    await sleep(50)
  }
}

/** wrk prints `50% 281.00us`, `99% 2.03ms` and `Requests/sec: 99058.59`. */
function loadByWrk(port: number, ms: number): Round {
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${Math.round(ms / 1_000)}s`, '--latency', `http://127.0.0.1:${port}/`]
  const text = spawnSync('wrk', args, { encoding: 'utf8' }).stdout
  if (/Non-2xx|Socket errors/.test(text)) console.error(text)
  const units = { us: 0.001, ms: 1, s: 1_000 } as const
  const latency = (percent: number) => {
    const [, value, unit] = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(text) ?? []
    return Number(value) * units[unit as keyof typeof units]
  }
  return { perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]), p50: latency(50), p99: latency(99) }
}

async function loadByLoop(port: number, ms: number): Promise<Round> {
  const args = [fileURLToPath(import.meta.url), '--role', 'load', '--port', String(port), '--duration', `${ms}ms`]
  return JSON.parse(await firstLine(start(process.execPath, args))) as Round
}

async function runLoop(port: number, ms: number): Promise<void> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS })
  const times: number[] = []
  const until = performance.now() + ms
  const ask = async () => {
    while (performance.now() < until) {
      const began = performance.now()
      const answer = await pool.request({ path: '/', method: 'GET' })
      await answer.body.dump()
      times.push(performance.now() - began)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, ask))
  await pool.close()
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0
  console.log(JSON.stringify({ perSecond: times.length / (ms / 1_000), p50: at(0.5), p99: at(0.99) }))
}

function median(rounds: readonly Round[]): Round {
  const middle = (key: keyof Round) =>
    rounds.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(rounds.length / 2)] as number
  return { perSecond: Math.round(middle('perSecond')), p50: middle('p50'), p99: middle('p99') }
}

async function measure(ports: Readonly<Record<string, number>>, rounds: number, ms: number): Promise<Record<string, Round>> {
  const load = isInstalled('wrk') ? loadByWrk : loadByLoop
  const all: Record<string, Round[]> = {}
  for (const port of Object.values(ports)) await load(port, 1_000)
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, port] of Object.entries(ports)) (all[name] ??= []).push(await load(port, ms))
  }
  return Object.fromEntries(Object.entries(all).map(([name, found]) => [name, median(found)]))
}

async function bench(rounds: number, ms: number, json: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'imago-bench-'))
  try {
    const direct = await startBackend()
    const ports: Record<string, number> = { direct, balancer: await startBalancer(folder, direct) }
    if (isInstalled('haproxy')) ports['haproxy'] = await startHaproxy(folder, direct)
    const found = await measure(ports, rounds, ms)
    report(found, rounds, ms, json)
  } finally {
    for (const child of started) child.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

function report(found: Readonly<Record<string, Round>>, rounds: number, ms: number, json: boolean): void {
  const direct = found['direct'] as Round
  const rows = Object.entries(found).map(([name, one]) => ({
    name,
    ...one,
    throughputRatio: twoDigits(one.perSecond / direct.perSecond),
    p99Ratio: twoDigits(one.p99 / direct.p99),
  }))
  const balancer = rows.find((one) => one.name === 'balancer')
  const met = balancer !== undefined && balancer.throughputRatio >= LEAST_THROUGHPUT && balancer.p99Ratio <= MOST_LATENCY
  const load = isInstalled('wrk') ? 'wrk' : 'a loop of its own'
  if (json) {
    console.log(
      JSON.stringify({ measure: 'balancer', load, connections: CONNECTIONS, bytes: BYTES, rounds, durationMs: ms, rows, met }),
    )
  } else {
    console.log(
      `${CONNECTIONS} connections, ${BYTES} bytes, load by ${load}, median of ${rounds} rounds of ${formatDuration(ms)}:`,
    )
    console.table(rows)
    console.log(`wanted: throughput >= ${LEAST_THROUGHPUT} of direct, p99 <= ${MOST_LATENCY} x direct: ${met ? 'met' : 'missed'}`)
  }
  if (!met) process.exitCode = 1
}

function twoDigits(value: number): number {
  return Math.round(value * 100) / 100
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    duration: { type: 'string', default: '4s' },
    role: { type: 'string' },
    port: { type: 'string' },
  },
})
const durationMs = parseDuration(values.duration) ?? 4_000
if (values.role === 'backend') serveAnswers()
else if (values.role === 'load') await runLoop(Number(values.port), durationMs)
else await bench(Number(values.rounds), durationMs, values.json)
