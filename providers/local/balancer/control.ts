import { chmod, stat, unlink } from 'node:fs/promises'
import { createServer, request as connect, type IncomingMessage, type ServerResponse } from 'node:http'
import { isRolloutError, problemsError, rolloutError } from '../../../src/core/errors.ts'
import type { Json } from '../../../src/core/json.ts'
import type { BalancerState, BalancerTable } from './table.ts'
import { parseTable } from './table.ts'

/** Unix sockets have room for no more, on macOS 104 with the end mark. */
const LONGEST_SOCKET_PATH = 103
const LARGEST_TABLE = 16 * 1_024 * 1_024

/** What the control socket can ask for. */
export interface Controlled {
  /** Until then the table is not seen and not replaced: the stored one is on its way. */
  readonly ready: Promise<void>
  state(): BalancerState
  /** Stores the table, then serves it. */
  replace(table: BalancerTable): Promise<void>
  stop(): void
}

/** The open control socket. */
export interface Control {
  /** Whether the socket file is still this process's own. */
  stillOurs(): Promise<boolean>
  close(): void
}

/**
 * Listens on an owner-only socket. A socket file that nobody answers on is replaced.
 *
 * @throws RolloutError `host-unfit` when the path is too long; `name-taken` when another balancer answers on it
 */
export async function openControl(path: string, controlled: Controlled): Promise<Control> {
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) {
    const why = `the path of the control socket has ${Buffer.byteLength(path)} bytes`
    throw rolloutError('host-unfit', `${why}; at most ${LONGEST_SOCKET_PATH} are possible. Choose a shorter --run folder.`, {
      why,
    })
  }
  if (await answers(path)) {
    throw rolloutError('name-taken', `Another balancer answers on ${path}. Use it, or stop it first.`, {
      kind: 'socket',
      name: path,
    })
  }
  await unlink(path).catch(ignoreAbsent)
  const server = createServer((request, response) => void answer(controlled, request, response))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  await chmod(path, 0o600)
  const ours = await inode(path)

  return {
    stillOurs: async () => (await inode(path)) === ours,
    close() {
      server.close()
      server.closeIdleConnections()
    },
  }
}

async function answer(controlled: Controlled, request: IncomingMessage, response: ServerResponse): Promise<void> {
  switch (`${request.method} ${request.url}`) {
    case 'GET /state':
      await controlled.ready
      return reply(response, 200, controlled.state() as unknown as Json)
    case 'PUT /table':
      return replaceTable(controlled, request, response)
    case 'POST /stop':
      reply(response, 202, {})
      return controlled.stop()
    default:
      return reply(response, 404, {
        message: `No ${request.method} ${request.url} here; there are GET /state, PUT /table and POST /stop.`,
      })
  }
}

async function replaceTable(controlled: Controlled, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const table = parseTable(JSON.parse(await readText(request)))
    await controlled.ready
    const { version } = controlled.state()
    if (table.version < version) {
      const message = `Table ${table.version} is older than table ${version}, which is in effect. Send a version from ${version} on.`
      return reply(response, 409, { code: 'table-older', message, version })
    }
    await controlled.replace(table)
    reply(response, 200, { version: table.version })
  } catch (error) {
    if (isRolloutError(error)) return reply(response, 400, error.toJSON() as unknown as Json)
    if (error instanceof SyntaxError)
      return reply(response, 400, { code: 'not-json', message: `The table is not JSON: ${error.message}` })
    const message = `The table could not be stored (${String((error as NodeJS.ErrnoException).code ?? error)}); the one before it stays in effect.`
    reply(response, 507, { code: 'not-stored', message })
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > LARGEST_TABLE) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tooLarge() {
  const problem = { path: 'table', found: `more than ${LARGEST_TABLE} bytes`, allowed: `at most ${LARGEST_TABLE} bytes` }
  return problemsError('spec-invalid', 'This table cannot take effect', [problem])
}

function reply(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ socketPath: path, path: '/state', timeout: 2_000, agent: false }, (response) => {
      response.resume()
      resolve(true)
    })
    // A socket that accepts and says nothing has a live owner, however busy.
    probe.on('timeout', () => resolve(true))
    probe.on('error', () => resolve(false))
    probe.end()
  })
}

async function inode(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino
  } catch (error) {
    ignoreAbsent(error)
    return undefined
  }
}

function ignoreAbsent(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}
