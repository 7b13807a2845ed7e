import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen, type Listening } from '../../kit/listen.ts'
import { carryOut } from '../../kit/wire/carry-out.ts'
import type { Account, Body } from './account.ts'
import { authorize, questionsOf } from './authorization.ts'
import type { Begun } from './begin.ts'
import { Fault } from './fault.ts'
import type { Asked, Operation } from './operation.ts'
import { operations } from './operations.ts'

/** What every request must bear. */
export const TOKEN = 'a token of nobody'

/** The header in which a test says what a request is made for. */
export const MADE_FOR = 'x-made-for'

/** Serves an account by Azure's protocol. */
export async function serve(account: Account): Promise<Listening> {
  const server = await listen((request, response) => void answer(account, server.endpoint, request, response))
  return server
}

async function answer(account: Account, endpoint: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request
  const { pathname, searchParams: query } = new URL(url, endpoint)
  const body = await bodyOf(request)
  const [name, operation] = operationAt(method, pathname) ?? ['nothing', undefined]
  account.requests.push({ method, operation: name, url, body, at: account.world.now })
  if (account.silent.has(name)) return
  try {
    if (account.isExpired) throw new Fault(401, 'ExpiredAuthenticationToken', 'The access token expiry UTC time is in the past.')
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      throw new Fault(401, 'AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.")
    const refusal = account.refusals.get(name)
    if (refusal !== undefined) throw refusal
    if (operation === undefined)
      throw new Fault(404, 'InvalidResourceType', `The resource type could not be found for ${method} ${pathname}.`)
    authorize(account, questionsOf(name, pathname, body))
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, [MADE_FOR]: madeFor = '' } = request.headers
    const asked = { pathname, query, operation, body, conditions: { ifMatch, ifNoneMatch } }
    const call = {
      action: name,
      isRead: method === 'GET',
      cause: { kind: 'call', name: `${String(madeFor)} ${name}`.trim() },
      carryOut: (from: Account) => answerTo(from, endpoint, asked),
    } as const
    const answered = await carryOut(account, call, account.fateOf(name, call.isRead), response)
    if (answered !== undefined) send(response, answered.status, answered.sent, answered.headers)
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault(500, 'InternalServerError', String(error))
    const { code, message, details } = fault
    send(response, fault.status, { error: { code, message, ...(details.length > 0 ? { details } : {}) } }, fault.headers)
  }
}

/** The operation that a request asks for, and its name; `undefined` when there is none. */
export function operationAt(method: string, pathname: string): [string, Operation] | undefined {
  return Object.entries(operations).find(([, one]) => one.method === method && one.path.test(pathname))
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const text = (await request.toArray()).join('')
  return text === '' ? {} : (JSON.parse(text) as Body)
}

interface Request extends Omit<Asked, 'at'> {
  readonly pathname: string
  readonly operation: Operation
}

interface Answer {
  readonly status: number
  readonly sent: unknown
  readonly headers?: Readonly<Record<string, string>>
}

function answerTo(account: Account, endpoint: string, { pathname, operation, ...asked }: Request): Answer {
  const { query } = asked
  if (query.get('api-version') !== operation.version)
    throw new Fault(400, 'InvalidApiVersionParameter', `The api-version '${query.get('api-version')}' is invalid.`)
  const at = operation.path.exec(pathname)?.groups ?? {}
  const answered = operation.answer(account, { at, ...asked })
  if (isBegun(answered)) {
    const headers = { 'azure-asyncoperation': `${endpoint}${answered.operation}`, 'retry-after': '10' }
    return { status: answered.status, sent: answered.body, headers }
  }
  if (!('pages' in answered)) return { status: 200, sent: answered }
  const pages = answered.pages as readonly Body[]
  const from = Number(query.get('$skiptoken') ?? 0)
  const next = from + account.pageSize
  if (next >= pages.length) return { status: 200, sent: { value: pages.slice(from) } }
  query.set('$skiptoken', String(next))
  // The link is whole, and is followed as it is.
  return { status: 200, sent: { value: pages.slice(from, next), nextLink: `${endpoint}${pathname}?${query.toString()}` } }
}

function isBegun(answered: ReturnType<Operation['answer']>): answered is Begun {
  return 'operation' in answered && 'status' in answered
}

function send(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
