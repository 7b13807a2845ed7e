import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen, type Listening } from '../../kit/listen.ts'
import type { Account, Body } from './account.ts'
import { Fault } from './fault.ts'
import { operations, type Operation } from './operations.ts'

/** What every request must bear. */
export const TOKEN = 'a token of nobody'

/** Serves an account by Azure's protocol. */
export async function serve(account: Account): Promise<Listening> {
  const server = await listen((request, response) => answer(account, server.endpoint, request, response))
  return server
}

function answer(account: Account, endpoint: string, request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '' } = request
  const { pathname, searchParams: query } = new URL(url, endpoint)
  const [name, operation] = Object.entries(operations).find(([, one]) => one.path.test(pathname)) ?? ['nothing', undefined]
  account.requests.push({ method, operation: name, url })
  if (account.silent.has(name)) return
  try {
    if (request.headers.authorization !== `Bearer ${TOKEN}`)
      throw new Fault(401, 'AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.")
    const refusal = account.refusals.get(name)
    if (refusal !== undefined) throw refusal
    send(response, 200, bodyOf(account, endpoint, { method, pathname, query, operation }))
  } catch (error) {
    const fault = error instanceof Fault ? error : new Fault(500, 'InternalServerError', String(error))
    const { code, message, details } = fault
    send(response, fault.status, { error: { code, message, ...(details.length > 0 ? { details } : {}) } }, fault.headers)
  }
}

interface Request {
  readonly method: string
  readonly pathname: string
  readonly query: URLSearchParams
  readonly operation: Operation | undefined
}

function bodyOf(account: Account, endpoint: string, { method, pathname, query, operation }: Request): unknown {
  if (operation === undefined || method !== 'GET')
    throw new Fault(404, 'InvalidResourceType', `The resource type could not be found for ${method} ${pathname}.`)
  if (query.get('api-version') !== operation.version)
    throw new Fault(400, 'InvalidApiVersionParameter', `The api-version '${query.get('api-version')}' is invalid.`)
  const at = operation.path.exec(pathname)?.groups ?? {}
  const answered = operation.answer(account, { at, query })
  if (!('pages' in answered)) return answered
  const pages = answered.pages as readonly Body[]
  const from = Number(query.get('$skiptoken') ?? 0)
  const next = from + account.pageSize
  if (next >= pages.length) return { value: pages.slice(from) }
  query.set('$skiptoken', String(next))
  // The link is whole, and is followed as it is.
  return { value: pages.slice(from, next), nextLink: `${endpoint}${pathname}?${query.toString()}` }
}

function send(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(JSON.stringify(body))
}
