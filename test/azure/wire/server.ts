import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen, type Listening } from '../../kit/listen.ts'
import type { Account, Body } from './account.ts'
import type { Begun } from './begin.ts'
import { Fault } from './fault.ts'
import type { Asked, Operation } from './operation.ts'
import { operations } from './operations.ts'

/** What every request must bear. */
export const TOKEN = 'a token of nobody'

/** Serves an account by Azure's protocol. */
export async function serve(account: Account): Promise<Listening> {
  const server = await listen((request, response) => void answer(account, server.endpoint, request, response))
  return server
}

async function answer(account: Account, endpoint: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = '', url = '' } = request
  const { pathname, searchParams: query } = new URL(url, endpoint)
  const body = await bodyOf(request)
  const [name, operation] = Object.entries(operations).find(([, one]) => one.method === method && one.path.test(pathname)) ?? [
    'nothing',
    undefined,
  ]
  account.requests.push({ method, operation: name, url, body })
  if (account.silent.has(name)) return
  try {
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      throw new Fault(401, 'AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.")
    const refusal = account.refusals.get(name)
    if (refusal !== undefined) throw refusal
    if (operation === undefined)
      throw new Fault(404, 'InvalidResourceType', `The resource type could not be found for ${method} ${pathname}.`)
    const fate = method === 'GET' ? undefined : account.fateOf?.(account.changes++)
    if (fate === 'refused') throw new Fault(409, 'Conflict', 'The request failed due to conflict with a concurrent request.')
    const conditions = { ifMatch: request.headers['if-match'], ifNoneMatch: request.headers['if-none-match'] }
    const { status, sent, headers } = carryOut(account, endpoint, { pathname, query, operation, body, conditions })
    if (fate === 'cut') response.destroy()
    else if (method === 'GET' || !account.isUnheard) send(response, status, sent, headers)
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault(500, 'InternalServerError', String(error))
    const { code, message, details } = fault
    send(response, fault.status, { error: { code, message, ...(details.length > 0 ? { details } : {}) } }, fault.headers)
  }
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

function carryOut(account: Account, endpoint: string, { pathname, operation, ...asked }: Request): Answer {
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
