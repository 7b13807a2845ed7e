import { isRolloutError } from '../../src/core/errors.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { CallContext, FleetTarget, Placement } from '../../src/core/ports.ts'
import type { GroupView } from '../../src/core/snapshot.ts'
import { local, type GroupOptions, type LocalCloud } from '../../providers/local/index.ts'
import { identify } from '../../providers/local/instances/process.ts'
import { pathsOf } from '../../providers/local/paths.ts'
import { HEADERS, PROTOCOL } from '../../providers/local/protocol.ts'
import { askSocket } from '../../providers/local/socket.ts'

/** A folder of its own that is gone after the test, and short: it holds sockets. */
export function temporaryHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'imago-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  return home
}

/** A cloud that is destroyed when the test ends, whatever its end. */
export function temporaryCloud(home = temporaryHome()): LocalCloud {
  const cloud = local({ home })
  onTestFinished(() => cloud.destroy())
  return cloud
}

/** Streams of the web image that end when the test says so, on no clock. */
export function heldStreams(): { readonly env: Record<string, string>; end(): void } {
  const file = join(temporaryHome(), 'streams-end')
  return { env: { STREAM_UNTIL: file }, end: () => writeFileSync(file, '') }
}

/** The folder of an image that comes with the tests. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/images/${name}`, import.meta.url))
}

/** A group of the web image with health checks that do not keep a test waiting. */
export async function createWeb(cloud: LocalCloud, options: Partial<GroupOptions> = {}): Promise<void> {
  const { ref } = await cloud.images.import(fixture('web'))
  await cloud.groups.create({
    name: 'web',
    image: ref,
    size: 2,
    command: ['node', 'server.mjs'],
    health: { path: '/health', interval: '100ms', timeout: '2s', startup: '60s' },
    stop: { graceMs: 5_000 },
    ...options,
  })
}

/** Waits until it is so; what it waits for is in the failure. */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
): Promise<Value> {
  for (const end = Date.now() + 25_000; Date.now() < end; await sleep(25)) {
    const found = await look()
    if (found !== undefined && found !== false) return found
  }
  throw new Error(`waited in vain until ${what}`)
}

/** One group, by name. */
export async function groupOf(cloud: LocalCloud, name = 'web'): Promise<GroupView | undefined> {
  return (await cloud.groups.list()).find((group) => group.id === name)
}

/** The group once it has so many instances, all of them healthy. */
export function healthy(cloud: LocalCloud, count: number, name = 'web'): Promise<GroupView> {
  return until(`${name} has ${count} healthy instances`, async () => {
    const group = await groupOf(cloud, name)
    return (
      group !== undefined && group.instances.length === count && group.instances.every((one) => one.state === 'healthy') && group
    )
  })
}

/** The group once it is healthy and the balancer answers: the daemon knows of an instance a little before. */
export async function serving(cloud: LocalCloud, count: number, address: string): Promise<GroupView> {
  const group = await healthy(cloud, count)
  await until(`${address} answers`, async () => (await fetch(address)).ok)
  return group
}

/** What a port call is given; the token is new unless it is said. */
export function call(token: string = crypto.randomUUID()): CallContext {
  return { signal: new AbortController().signal, token }
}

/** A fleet around the group `web`. */
export function fleet(placement: Placement = { kind: 'clone', adopt: 'web' }): FleetTarget {
  return { name: 'shop', placement, handles: [] }
}

/** The daemon's pid, if one answers. */
export async function daemonPid(cloud: LocalCloud): Promise<number | undefined> {
  const headers = { [HEADERS.protocol]: String(PROTOCOL) }
  const answer = await askSocket({
    socket: pathsOf(cloud.home).daemonSocket,
    method: 'GET',
    path: '/hello',
    headers,
    timeoutMs: 5_000,
  })
  return 'status' in answer ? (answer.body as { pid: number }).pid : undefined
}

/** Ends the daemon as a crash would, and waits until it is gone. */
export async function killDaemon(cloud: LocalCloud): Promise<void> {
  const pid = await daemonPid(cloud)
  if (pid === undefined) return
  process.kill(pid, 'SIGKILL')
  await until('the daemon is gone', () => !isAlive(pid))
}

/** Whether a process with this pid runs; one that has ended and was not yet collected does not. */
export function isAlive(pid: number): boolean {
  return identify(pid) !== undefined
}

/** The pids of a group's instances, as they say themselves. */
export async function pidsOf(group: GroupView): Promise<number[]> {
  return await Promise.all(group.instances.map(async ({ address }) => Number(await (await fetch(`${address}/pid`)).text())))
}

/** Whether a call's outcome is unknown; any other failure is a failure. */
export function isUnknown(fault: unknown): false {
  if (isRolloutError(fault, 'call-failed') && fault.facts.class === 'unknown') return false
  throw fault
}
