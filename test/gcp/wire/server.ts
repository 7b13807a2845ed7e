import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as bodyOf } from 'node:stream/consumers'
import { carryOut, holdFor } from '../../kit/wire/carry-out.ts'
import type { Exchange } from '../model.ts'
import { Fault } from './fault.ts'
import { authorize, questionsOf } from './iam.ts'
import { operations } from './operations.ts'
import type { Json, Project } from './project.ts'
import type { Input, Operation } from './writing.ts'

/** The Compute API on a port of this machine. */
export interface WireServer {
  readonly endpoint: string
  /** Projects by their ids; one that is not here is not there. */
  readonly projects: Map<string, Project>
}

/** The header in which a test says what a request is made for. */
export const MADE_FOR = 'x-made-for'

/** The token of whoever owns all projects, and may do everything; who has none may do what the policy says. */
export const OWNERS_TOKEN = 'of-the-owner'

const ROOT = /^\/compute\/v1\/projects\/([^/]+)\/(.+)$/
const routes = operations.map((one) => ({
  ...one,
  pattern: new RegExp(`^${one.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}))

type Route = (typeof routes)[number]

/** Whoever waits for an operation is answered after this, if it is not done by then. */
const LONGEST_WAIT_MS = 120_000

/** The method that a request asks for; `undefined` when there is none. */
export function methodOf(verb: string, pathname: string): Operation | undefined {
  return routeAt(verb, ROOT.exec(pathname)?.[2] ?? '')
}

function routeAt(verb: string, path: string): Route | undefined {
  return routes.find((one) => one.verb === verb && one.pattern.test(path))
}

/** Serves projects; it keeps no process from ending. @param onExchange called with all that goes over the wire. */
export async function serve(onExchange: (exchange: Exchange) => void): Promise<WireServer> {
  const projects = new Map<string, Project>()
  const server = createServer((request, response) => void answer(projects, onExchange, request, response))
  server.on('connection', (socket) => socket.unref())
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, projects }
}

async function answer(
  projects: ReadonlyMap<string, Project>,
  onExchange: (exchange: Exchange) => void,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const asked = await readRequest(request)
  const { verb, pathname, path, body, query } = asked
  const exchanged = (output: unknown) => onExchange({ verb, path: pathname, query, body, answer: output })
  try {
    const project = projects.get(asked.project)
    if (project === undefined) throw new Fault(404, 'notFound', `The resource 'projects/${asked.project}' was not found`)
    const route = routeAt(verb, path)
    const name = route?.name ?? pathname
    project.calls.set(`${verb} ${name}`, (project.calls.get(`${verb} ${name}`) ?? 0) + 1)
    const isMet = meet(project, name, request, response)
    if (isMet) return
    if (route === undefined) throw new Fault(404, 'notFound', `There is no method ${verb} ${pathname}`)
    const output = await answerFrom(project, route, asked, exchanged, response)
    if (output === undefined) return
    if (project.mishaps.get(name) === 'unheard') return void request.socket.destroy()
    send(response, 200, output)
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault(500, 'internalError', String(error))
    exchanged(undefined)
    send(response, fault.status, fault.body)
  }
}

interface Asked {
  readonly verb: string
  readonly pathname: string
  readonly project: string
  /** From the project on. */
  readonly path: string
  readonly query: Input
  readonly body: Json | '' | undefined
  readonly madeFor: string
  readonly isOwner: boolean
}

async function readRequest(request: IncomingMessage): Promise<Asked> {
  const text = await bodyOf(request).catch(() => '')
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
  const [, id = '', path = ''] = ROOT.exec(pathname) ?? []
  return {
    verb: request.method ?? '',
    pathname,
    project: decodeURIComponent(id),
    path,
    query: Object.fromEntries(searchParams),
    body: text === '' ? undefined : (JSON.parse(text) as Json | ''),
    madeFor: String(request.headers[MADE_FOR] ?? ''),
    isOwner: request.headers.authorization === `Bearer ${OWNERS_TOKEN}`,
  }
}

/** What a test has happen to a method. @returns whether nothing else becomes of the request. @throws Fault when it is refused. */
function meet(project: Project, name: string, request: IncomingMessage, response: ServerResponse): boolean {
  if (project.isExpired) throw new Fault(401, 'authError', 'Request had invalid authentication credentials.')
  const mishap = project.mishaps.get(name)
  if (mishap instanceof Fault) throw mishap
  if (mishap === 'silence') {
    project.silent.add(request)
    request.socket.once('close', () => project.silent.delete(request))
  } else if (mishap === 'reset') request.socket.destroy()
  else if (mishap === 'garbled') send(response, 200, { items: { no: 'list' }, managedInstances: { no: 'list' } })
  else return false
  return true
}

async function answerFrom(
  project: Project,
  route: Route,
  { path, query, body, madeFor, isOwner }: Asked,
  exchanged: (output: unknown) => void,
  response: ServerResponse,
): Promise<Json | undefined> {
  const { name, writes = false } = route
  const sent = body === undefined || body === '' ? {} : body
  if (!isOwner) authorize(project, questionsOf(project, route, { path, query, body: sent }))
  const latest = project.world.now + LONGEST_WAIT_MS
  const endsAt = () => Math.min(route.endsAt?.(project, path) ?? 0, latest)
  // What takes longer than was thought ends later.
  while (endsAt() > project.world.now) await passUntil(project, endsAt(), response)
  const input = { ...query, ...(route.pattern.exec(path)?.groups as Input) }
  const call = {
    action: name,
    isRead: !writes,
    cause: { kind: 'call', name: `${madeFor} ${name}`.trim() },
    carryOut(from: Project) {
      const output = route.answer(from, input, sent, path)
      exchanged(output)
      return output
    },
  } as const
  return await carryOut(project, call, project.fateOf(name, !writes), response)
}

/** Where nobody else lets the world go on, whoever waits does. */
async function passUntil(project: Project, moment: number, response: ServerResponse): Promise<void> {
  const { world, isDriven } = project
  if (isDriven) await holdFor(project, moment - world.now, response)
  else if (moment > world.now) world.runUntil(moment)
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body))
}
