import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { callFailed, isRolloutError } from '../../../src/core/errors.ts'
import { HEADERS, PROTOCOL, type CallName } from '../protocol.ts'
import { operations } from './operations/index.ts'
import type { Call, World } from './world.ts'

/** Answers calls on an owner-only socket. Whoever listened there before is gone: the caller holds the daemon's lock. */
export async function listen(world: World, onCall: () => void): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    onCall()
    void answer(world, incoming, outgoing)
  })
  rmSync(world.paths.daemonSocket, { force: true })
  server.listen(world.paths.daemonSocket)
  await once(server, 'listening')
  chmodSync(world.paths.daemonSocket, 0o600)
  return server
}

async function answer(world: World, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const send = (status: number, body: unknown) => {
    outgoing.writeHead(status, { 'content-type': 'application/json', [HEADERS.protocol]: String(PROTOCOL), connection: 'close' })
    outgoing.end(JSON.stringify(body))
  }
  if (incoming.headers[HEADERS.protocol] !== String(PROTOCOL)) return send(426, { protocol: PROTOCOL })
  if (incoming.url === '/hello') return send(200, { pid: process.pid })
  const name = incoming.url?.replace(/^\/call\//, '') ?? ''
  try {
    if (!isCallName(name)) throw callFailed('invalid', name, `The daemon has no call ${name}.`)
    send(200, await run(world, name, await bodyOf(incoming), callOf(name, incoming)))
  } catch (fault) {
    send(400, toldFault(name, fault))
  }
}

async function run(world: World, name: CallName, input: unknown, call: Call): Promise<unknown> {
  const operation = operations[name] as (world: World, input: unknown, call: Call) => unknown
  return await operation(world, input, call)
}

function callOf(name: CallName, { headers }: IncomingMessage): Call {
  const token = headers[HEADERS.token]
  const expiresAt = Number(headers[HEADERS.expiresAt])
  return { name, expiresAt, ...(typeof token === 'string' ? { token } : {}) }
}

async function bodyOf(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString())
}

function isCallName(name: string): name is CallName {
  return Object.hasOwn(operations, name)
}

/** A fault that nobody foresaw is written to the daemon's log and told without its details. */
function toldFault(name: string, fault: unknown) {
  if (isRolloutError(fault)) return fault
  console.error(fault)
  return callFailed('unknown', name, `The daemon could not finish ${name}; its log says why.`)
}
