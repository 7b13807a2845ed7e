import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { callFailed, isRolloutError } from '../../../src/core/errors.ts'
import { HEADERS, PROTOCOL, type CallName } from '../protocol.ts'
import { operations } from './operations/index.ts'
import { parseInput } from './inputs.ts'
import type { Call, World } from './world.ts'

/** Far more than any settings have. */
const LARGEST_INPUT = 4 * 1_024 * 1_024

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
    const call = callOf(name, incoming)
    send(200, await run(world, name, parseInput(name, await bodyOf(name, incoming)), call))
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
  if (!(expiresAt > 0)) throw callFailed('invalid', name, `${name} does not say when it expires.`)
  return { name, expiresAt, ...(typeof token === 'string' ? { token } : {}) }
}

async function bodyOf(name: string, incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > LARGEST_INPUT) throw callFailed('invalid', name, `${name} was given more than ${LARGEST_INPUT} bytes.`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString())
  } catch (cause) {
    throw callFailed('invalid', name, `${name} was given something that is not JSON.`, { cause })
  }
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
