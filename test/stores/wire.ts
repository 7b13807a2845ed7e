import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { text as bodyOf } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bucket, PutCondition } from '../../src/stores/object/bucket.ts'
import { listen, type Listening } from '../kit/listen.ts'

/** What the servers let in. */
export const TOKEN = 'a token of nobody'

/** An answer that says no, in a cloud's own words. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  /** What Google says beside it. @default - nothing */
  readonly details?: string
}

/** How one cloud keeps objects, as its documents say it: the store's code has no part in it. */
export interface Cloud {
  /** All headers and queries that it knows of what the store needs; others are written down as strange. */
  readonly headers: readonly string[]
  readonly query: readonly string[]
  readonly noBucket: Refusal
  /** What it does not carry out: without credentials, in another version, without a condition. */
  check(request: Asked): Refusal | undefined
  /** The version that a write wants to replace; '' where nothing is there. */
  condition(headers: IncomingHttpHeaders): string
  /** The text of the n-th version that it ever gave. */
  version(n: number): string
  readonly versionHeader: string
  readonly writtenStatus: number
  /** What it says where it carries nothing out. */
  refusal(status: 404 | 409 | 412 | 503, asked: Asked): Refusal
  readonly pageName: string
  /** XML of a list, and where it goes on. */
  list(names: readonly string[], next: string | undefined): string
}

/** A request that names a bucket of the server. */
export interface Asked {
  readonly method: string
  /** '' for the bucket itself. */
  readonly object: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
}

/** What a server does besides what its bucket does. */
export interface WireOptions {
  /** Refuses instead of answering. @default - nothing is refused */
  readonly refuse?: (asked: Asked) => Refusal | undefined
  /** How long a list takes. @default 0 */
  readonly listMs?: number
  /** Begins every page of a list with one that has no names. @default false */
  readonly emptyPages?: boolean
  /** The status of a failure, in place of an answer that is lost. @default - there is none: the connection ends */
  readonly failsAs?: number
  /** How long one object must be left alone after it was written; who comes sooner is refused with 429. @default 0 */
  readonly restMs?: number
}

/** A cloud on a port of this machine, with one bucket. */
export interface Wire extends Listening {
  /** What was asked, `PUT imago/clock 200`. */
  readonly log: readonly string[]
  /** What was sent that the cloud does not know. */
  readonly strange: readonly string[]
}

/** Serves a bucket by a cloud's protocol. */
export async function serveCloud(cloud: Cloud, bucket: Bucket, options: WireOptions = {}): Promise<Wire> {
  const [log, strange]: [string[], string[]] = [[], []]
  const versions = createVersions(cloud)
  const rest = new Map<string, number>()
  const listening = await listen((request, response) => {
    void respond(request, response).catch((error: unknown) => strange.push(String(error)))
  })
  return { ...listening, log, strange }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const url = new URL(request.url ?? '', 'http://cloud')
    const [, name = '', ...object] = url.pathname.split('/').map(decodeURIComponent)
    const asked = { method: request.method ?? '', object: object.join('/'), query: url.searchParams, headers: request.headers }
    strange.push(...strangeIn(cloud, asked), ...(/[+]|\/\.{0,2}(?:\/|$)/.test(request.url ?? '') ? [`path ${request.url}`] : []))
    response.on('close', () =>
      log.push(`${asked.method} ${asked.object} ${response.writableEnded ? response.statusCode : 'lost'}`),
    )
    const refusal = name === bucket.name ? (cloud.check(asked) ?? options.refuse?.(asked)) : cloud.noBucket
    if (refusal !== undefined) return refuse(response, refusal)
    if (asked.method === 'PUT') return await put(asked, body, response)
    await (asked.object === '' ? list(asked, response) : get(asked, response))
  }

  async function put(asked: Asked, body: string, response: ServerResponse): Promise<void> {
    const rested = (rest.get(asked.object) ?? 0) <= Date.now()
    if (!rested) return refuse(response, { status: 429, code: 'SlowDown', message: 'Too many writes of one object.' })
    const expected = cloud.condition(asked.headers)
    const condition: PutCondition = expected === '' ? { ifNoneMatch: '*' } : { ifMatch: versions.etagOf(expected) }
    const done = await bucket.put(asked.object, body, condition)
    if (done.status === 'unknown' && options.failsAs === undefined) return void response.destroy()
    if (done.status === 'unknown') return void response.writeHead(options.failsAs ?? 0).end('<html>Bad gateway</html>')
    if (done.status !== 200) return refuse(response, cloud.refusal(done.status, asked))
    rest.set(asked.object, Date.now() + (options.restMs ?? 0))
    response.writeHead(cloud.writtenStatus, { [cloud.versionHeader]: versions.textOf(done.etag) }).end()
  }

  async function get(asked: Asked, response: ServerResponse): Promise<void> {
    const found = await bucket.get(asked.object)
    if (found.status !== 503) response.setHeader('date', new Date(found.date).toUTCString())
    if (found.status !== 200) return refuse(response, cloud.refusal(found.status, asked))
    response.writeHead(200, { [cloud.versionHeader]: versions.textOf(found.etag) }).end(found.body)
  }

  async function list(asked: Asked, response: ServerResponse): Promise<void> {
    await sleep(options.listMs ?? 0)
    const [marker = ''] = asked.query.getAll(cloud.pageName).map(atob)
    if (options.emptyPages === true && !marker.startsWith('full:'))
      return void response.writeHead(200, { 'content-type': 'application/xml' }).end(cloud.list([], btoa(`full:${marker}`)))
    const after = marker.replace(/^full:/, '')
    const found = await bucket.list(asked.query.get('prefix') ?? '', after === '' ? undefined : after)
    if (found.status !== 200) return refuse(response, cloud.refusal(found.status, asked))
    const next = found.next === undefined ? undefined : btoa(found.next)
    response.writeHead(200, { 'content-type': 'application/xml' }).end(cloud.list(found.names.map(escaped), next))
  }
}

/** Versions as a cloud calls them, by the etags of the bucket behind it. */
function createVersions(cloud: Cloud) {
  const texts = new Map<string, string>()
  return {
    textOf(etag: string): string {
      const known = texts.get(etag) ?? cloud.version(texts.size + 1)
      texts.set(etag, known)
      return known
    },
    etagOf: (text: string) => [...texts].find(([, one]) => one === text)?.[0] ?? 'none that was given',
  }
}

/** What every client sends. */
const OF_HTTP = ['host', 'connection', 'content-length', 'content-type']

function strangeIn({ headers, query }: Cloud, asked: Asked): string[] {
  const known = asked.object === '' ? query : []
  return [
    ...Object.keys(asked.headers).filter((name) => !headers.includes(name) && !OF_HTTP.includes(name)),
    ...[...asked.query.keys()].filter((name) => !known.includes(name)),
    ...(asked.method === 'GET' || asked.method === 'PUT' ? [] : [asked.method]),
  ]
}

function refuse(response: ServerResponse, { status, code, message, details }: Refusal): void {
  const more = details === undefined ? '' : `<Details>${escaped(details)}</Details>`
  const xml = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${escaped(message)}</Message>${more}</Error>`
  response.writeHead(status, { 'content-type': 'application/xml' }).end(xml)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&#39;').replaceAll('"', '&#x22;')
}
