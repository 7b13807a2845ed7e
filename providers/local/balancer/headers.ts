import type { IncomingMessage } from 'node:http'

/** Headers that are about one connection, and so end at the balancer (RFC 9110, 7.6.1). */
const CONNECTION_HEADERS = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** What an instance must not be told as the client said it: it is answered or set here. */
const SET_HERE = new Set([...CONNECTION_HEADERS, 'expect', 'x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'])

/** A client that names these as its connection's own would change what the message means. */
const NEVER_NAMED = new Set(['host', 'content-length'])

/** The headers that an instance is sent, name and value in turn. The client's `host` stays. */
export function requestHeaders(request: IncomingMessage): string[] {
  const raw = request.rawHeaders
  const { connection } = request.headers
  const named = connection === undefined ? undefined : namedIn(connection)
  const sent: string[] = []
  let host = ''
  let forwarded = request.socket.remoteAddress ?? 'unknown'
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] as string
    const value = raw[at + 1] as string
    const lower = name.toLowerCase()
    if (lower === 'host') host = value
    else if (lower === 'x-forwarded-for') forwarded = `${value}, ${forwarded}`
    if (SET_HERE.has(lower) || named?.has(lower)) continue
    sent.push(name, value)
  }
  sent.push('x-forwarded-for', forwarded, 'x-forwarded-proto', 'http')
  if (host !== '') sent.push('x-forwarded-host', host)
  return sent
}

/** Headers as undici hands them over: names in lower case, one text for each time a name was there. */
export type ParsedHeaders = Readonly<Record<string, string | string[] | undefined>>

/** The headers that a client is sent, name and value in turn. */
export function answerHeaders(headers: ParsedHeaders): string[] {
  const connection = headers['connection']
  const named = connection === undefined ? undefined : namedIn(String(connection))
  const sent: string[] = []
  for (const name in headers) {
    if (CONNECTION_HEADERS.has(name) || named?.has(name)) continue
    const value = headers[name]
    if (typeof value === 'string') sent.push(name, value)
    else for (const one of value ?? []) sent.push(name, one)
  }
  return sent
}

/** Names that a `connection` header adds to the connection's own; `undefined` in the usual case that it adds none. */
function namedIn(connection: string): Set<string> | undefined {
  let named: Set<string> | undefined
  for (const token of connection.toLowerCase().split(',')) {
    const one = token.trim()
    if (one === 'keep-alive' || one === 'close' || NEVER_NAMED.has(one)) continue
    named = (named ?? new Set()).add(one)
  }
  return named
}
