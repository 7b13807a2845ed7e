import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { pathsOf } from '../../providers/local/paths.ts'
import { HEADERS, PROTOCOL, type CallName } from '../../providers/local/protocol.ts'
import { askSocket } from '../../providers/local/socket.ts'
import type { LocalCloud } from '../../providers/local/index.ts'
import { createWeb, daemonPid, fleet, healthy, temporaryCloud } from './support.ts'

const target = fleet()
const digest = `sha256-${'0'.repeat(64)}`
const release = { id: 'r-000000000000', image: { scheme: 'local', id: digest }, launch: digest }
const group = { name: 'next', release, sealed: null, size: 1, min: 0, max: 1, zones: [] }

/** What no client of ours sends: each is refused for what it is, and nothing comes of it. */
const bad: readonly (readonly [CallName, unknown])[] = [
  ['fleet.describe', null],
  ['fleet.describe', []],
  ['fleet.describe', { target: { ...target, placement: { kind: 'elsewhere' } } }],
  ['fleet.resize', { target, group: 'web', sizes: { 'r-1': -1 }, version: null }],
  ['fleet.resize', { target, group: 'web', sizes: { 'r-1': 1e9 }, version: null }],
  ['fleet.resize', { target, group: '__proto__', sizes: {}, version: null }],
  ['fleet.retire', { target, group: 'constructor' }],
  ['fleet.remove', { target, group: 'web', instances: 'all', sizesAfter: {} }],
  ['fleet.hold', { target, group: 'web', hold: { kind: 'claim', owner: 'me', epoch: '1', expiresAt: 1, store: 's' }, min: null }],
  ['route.look', { service: 7 }],
  ['route.prepare', { service: 'web', binding: 'x'.repeat(300) }],
  ['route.prepare', { service: 'web', binding: '__proto__' }],
  ['route.leave', { service: 'web', binding: 'web', group: 'web', instances: 7 }],
  ['route.weights', { service: 'web', expected: null, wanted: { web: 100 } }],
  ['group.create', { ...group, name: '../outside' }],
  ['group.create', { ...group, release: { ...release, image: { scheme: 'local', id: '../../../etc' } } }],
  ['group.create', { ...group, release: { ...release, launch: 'sha256-../../secrets' } }],
  ['group.create', { ...group, zones: null }],
  ['group.resize', { name: 'web', size: 'many' }],
  ['service.create', { name: 'x'.repeat(300), host: '127.0.0.1', port: 0, group: 'web' }],
  ['service.create', { name: 'a/b', host: '127.0.0.1', port: 0, group: 'web' }],
  ['service.create', { name: 'next', host: '127.0.0.1', port: 65_536, group: 'web' }],
]

function headers(more: Record<string, string> = {}) {
  return { [HEADERS.protocol]: String(PROTOCOL), [HEADERS.expiresAt]: String(Date.now() + 30_000), ...more }
}

function ask(cloud: LocalCloud, path: string, body: unknown, more?: Record<string, string>) {
  const socket = pathsOf(cloud.home).daemonSocket
  return askSocket({ socket, method: 'POST', path, headers: headers(more), body, timeoutMs: 20_000 })
}

/** A connection on which these bytes were sent. */
async function rawly(cloud: LocalCloud, bytes: string): Promise<Socket> {
  const socket = connect(pathsOf(cloud.home).daemonSocket).on('error', () => undefined)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  socket.write(bytes)
  return socket
}

test('bad input is refused by class and changes nothing', async () => {
  const cloud = temporaryCloud()
  await createWeb(cloud)
  await cloud.balancers.create({ name: 'web', listen: { port: 0 }, group: 'web' })
  await healthy(cloud, 2)
  const pid = await daemonPid(cloud)
  const before = readFileSync(pathsOf(cloud.home).state, 'utf8')
  const invalid = { status: 400, body: { code: 'call-failed', facts: { class: 'invalid' } } }
  for (const [name, body] of bad) expect(await ask(cloud, `/call/${name}`, body), JSON.stringify(body)).toMatchObject(invalid)
  for (const path of ['/call/constructor', '/call/__proto__', '/call/../state.json', '/', '/call/'])
    expect(await ask(cloud, path, {}), path).toMatchObject(invalid)
  expect(await ask(cloud, '/call/group.list', {}, { [HEADERS.expiresAt]: 'soon' })).toMatchObject(invalid)
  expect(await ask(cloud, '/call/group.list', { padding: 'x'.repeat(5 * 1_024 * 1_024) })).toMatchObject(invalid)
  expect(readFileSync(pathsOf(cloud.home).state, 'utf8')).toBe(before)
  expect(await daemonPid(cloud)).toBe(pid)
})

test('text that is not JSON and a head that is too large are refused', async () => {
  const cloud = temporaryCloud()
  await cloud.groups.list()
  const head = Object.entries(headers()).map(([name, value]) => `${name}: ${value}\r\n`)
  const notJson = await rawly(cloud, `POST /call/group.list HTTP/1.1\r\nhost: a\r\n${head.join('')}content-length: 4\r\n\r\n{"a"`)
  expect(String((await once(notJson, 'data'))[0])).toMatch(/^HTTP\/1.1 400 [^]*is not JSON/)
  const huge = await rawly(cloud, `GET /hello HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)
  expect(String((await once(huge, 'data'))[0])).toMatch(/^HTTP\/1.1 431 /)
})

test('clients that never finish what they began keep nobody else waiting', async () => {
  const cloud = temporaryCloud()
  await createWeb(cloud, { size: 0 })
  const begun = ['', 'POST /call/group.list HT', 'POST /call/group.resize HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"na']
  await Promise.all(Array.from({ length: 60 }, (_, index) => rawly(cloud, begun[index % begun.length] ?? '')))
  await cloud.groups.resize('web', 1)
  expect((await healthy(cloud, 1)).instances).toHaveLength(1)
})
