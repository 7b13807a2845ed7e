import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as bodyOf } from 'node:stream/consumers'
import type { Exchange } from '../model.ts'
import { Fault } from './fault.ts'
import { operations } from './operations.ts'
import type { Json, Project } from './project.ts'
import type { Input } from './writing.ts'

/** The Compute API on a port of this machine. */
export interface WireServer {
  readonly endpoint: string
  /** Projects by their ids; one that is not here is not there. */
  readonly projects: Map<string, Project>
  /** All that went over the wire and was answered well. */
  readonly exchanges: Exchange[]
}

const ROOT = /^\/compute\/v1\/projects\/([^/]+)\/(.+)$/
const routes = operations.map((one) => ({
  ...one,
  pattern: new RegExp(`^${one.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}))

/** Serves projects; it keeps no process from ending. */
export async function serve(): Promise<WireServer> {
  const projects = new Map<string, Project>()
  const exchanges: Exchange[] = []
  const server = createServer((request, response) => void answer(projects, exchanges, request, response))
  server.on('connection', (socket) => socket.unref())
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, projects, exchanges }
}

async function answer(
  projects: ReadonlyMap<string, Project>,
  exchanges: Exchange[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request).catch(() => '')
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  const verb = request.method ?? ''
  const query = Object.fromEntries(searchParams)
  const sent = body === '' ? undefined : (JSON.parse(body) as Json | '')
  const [, id = '', path = ''] = ROOT.exec(pathname) ?? []
  const project = projects.get(decodeURIComponent(id))
  const route = routes.find((one) => one.verb === verb && one.pattern.test(path))
  const name = route?.name ?? pathname
  if (project !== undefined) project.calls.set(`${verb} ${name}`, (project.calls.get(`${verb} ${name}`) ?? 0) + 1)
  const mishap = project?.mishaps.get(name) ?? (route?.writes === true ? project?.fate?.(name) : undefined)
  if (mishap === 'silence' && project !== undefined) {
    project.silent.add(request)
    return void request.socket.once('close', () => project.silent.delete(request))
  }
  if (mishap === 'reset') return void request.socket.destroy()
  if (mishap === 'garbled') return send(response, 200, { items: { no: 'list' }, managedInstances: { no: 'list' } })
  try {
    if (mishap instanceof Fault) throw mishap
    if (project === undefined) throw new Fault(404, 'notFound', `The resource 'projects/${id}' was not found`)
    if (route === undefined) throw new Fault(404, 'notFound', `There is no method ${verb} ${pathname}`)
    const input = { ...query, ...(route.pattern.exec(path)?.groups as Input) }
    const output = route.answer(project, input, sent === undefined || sent === '' ? {} : sent, path)
    exchanges.push({ verb, path: pathname, query, body: sent, answer: output })
    if (mishap === 'unheard' || (project.unheard && route.writes === true)) return void request.socket.destroy()
    send(response, 200, output)
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault(500, 'internalError', String(error))
    exchanges.push({ verb, path: pathname, query, body: sent, answer: undefined })
    send(response, fault.status, fault.body)
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body))
}
