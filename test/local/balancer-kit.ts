import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request as ask, type RequestListener } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createBalancer, type Balancer } from '../../providers/local/balancer/balancer.ts'
import { CLIENT_LIMITS, type ClientLimits } from '../../providers/local/balancer/limits.ts'
import type { BalancerState, BalancerTable, TablePool, TableTarget } from '../../providers/local/balancer/table.ts'

/** A server of the test's own. */
export interface Instance extends AsyncDisposable {
  readonly port: number
  /** Ends it as `kill -9` would: every connection is cut. */
  kill(): Promise<void>
}

/** Starts an HTTP instance in this process. */
export async function startInstance(handle: RequestListener): Promise<Instance> {
  const server = createServer(handle)
  return listen(server)
}

/** Starts something that speaks no HTTP of its own accord. */
export async function startSocket(handle: (socket: Socket) => void): Promise<Instance> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    handle(socket)
  })
  return listen(server)
}

async function listen(server: ReturnType<typeof createTcpServer>): Promise<Instance> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => void sockets.add(socket.once('close', () => void sockets.delete(socket))))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const kill = async () => {
    for (const socket of sockets) socket.resetAndDestroy()
    if (server.listening) await once(server.close(), 'close')
  }
  return { port: (server.address() as AddressInfo).port, kill, [Symbol.asyncDispose]: kill }
}

/** A port that nobody listens on. */
export async function deadPort(): Promise<number> {
  await using gone = await startSocket(() => undefined)
  return gone.port
}

/** An instance that answers with its name. */
export function startNamed(name: string): Promise<Instance> {
  return startInstance((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-length': Buffer.byteLength(name) }).end(name)
  })
}

/** The row of an instance, named after its port. */
export function target(port: number, state: TableTarget['state'] = 'in'): TableTarget {
  return { instance: `i${port}`, host: '127.0.0.1', port, state }
}

/** A pool of instances with these ports. */
export function pool(binding: string, weight: number, ...ports: number[]): TablePool {
  return { binding, weight, targets: ports.map((port) => target(port)) }
}

/** A table with one service, `web`. */
export function table(version: number, pools: readonly TablePool[], port = 0): BalancerTable {
  return { version, services: [{ name: 'web', listen: { host: '127.0.0.1', port }, pools }] }
}

/** A balancer in this process, and the port of its service `web`. */
export interface Served extends AsyncDisposable {
  readonly balancer: Balancer
  readonly port: number
}

/** Serves pools under the name `web`. */
export function serve(...pools: TablePool[]): Promise<Served> {
  return serveWithin(CLIENT_LIMITS, ...pools)
}

/** The same, with limits of the test's own. */
export async function serveWithin(limits: ClientLimits, ...pools: TablePool[]): Promise<Served> {
  const balancer = createBalancer(limits)
  await balancer.apply(table(1, pools))
  const stop = () => balancer.stop(AbortSignal.abort())
  return { balancer, port: balancer.state().services['web']?.address?.port as number, [Symbol.asyncDispose]: stop }
}

/** What the balancer says of an instance. */
export function targetState(state: BalancerState, binding: string, port: number) {
  return state.services['web']?.pools[binding]?.targets[`i${port}`]
}

/** Waits until something holds; fails by the test's own deadline. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** Writes bytes to a port and reads all that comes back until the other side closes. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined).write(text)
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk))
  await once(socket, 'close')
  return received
}

/** An answer of the control socket. */
export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** A balancer in a process of its own. */
export interface BalancerProcess extends AsyncDisposable {
  readonly child: ChildProcess
  control(method: string, path: string, body?: unknown): Promise<Reply>
  kill(): Promise<void>
}

const MAIN = fileURLToPath(new URL('../../providers/local/balancer/main.ts', import.meta.url))

/** A folder that is gone after the test. Short, since sockets have short names. */
export async function folder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'ib-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** Starts a balancer in a folder; ready when its control socket answers. */
export async function startBalancer(path: string): Promise<BalancerProcess> {
  const child = spawn(process.execPath, [MAIN, '--home', path, '--run', join(path, 'run')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exited = once(child, 'exit')
  const control = (method: string, url: string, body?: unknown) =>
    callControl(join(path, 'run', 'balancer.sock'), method, url, body)
  const kill = async () => {
    child.kill('SIGKILL')
    await exited
  }
  await until(() => control('GET', '/state').then(Boolean, () => false))
  return { child, control, kill, [Symbol.asyncDispose]: kill }
}

function callControl(socketPath: string, method: string, path: string, body: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const call = ask({ socketPath, method, path, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode as number, body: JSON.parse(text) }))
    })
    call.on('error', reject).end(typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body))
  })
}
