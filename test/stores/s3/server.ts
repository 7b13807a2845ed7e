import type { IncomingMessage, ServerResponse } from 'node:http'
import { text as bodyOf } from 'node:stream/consumers'
import type { Bucket, PutCondition } from '../../../src/stores/object/bucket.ts'
import { listen, type Listening } from '../../kit/listen.ts'

/** S3 on a port of this machine, with one bucket. */
export interface S3Server extends Listening {
  /** Requests that were made, by method. */
  readonly requests: readonly string[]
}

/** What a bucket's answers are called in S3's own words. */
const WORDS: Readonly<Record<number, readonly [code: string, message: string]>> = {
  404: ['NoSuchKey', 'The specified key does not exist.'],
  409: ['ConditionalRequestConflict', 'The conditional request cannot succeed due to a conflicting operation.'],
  412: ['PreconditionFailed', 'At least one of the pre-conditions you specified did not hold'],
  503: ['SlowDown', 'Please reduce your request rate.'],
}

/** Whether whoever calls may do something, `s3:GetObject`, to what has this ARN. */
export type Permits = (action: string, resource: string) => boolean

/** Serves a bucket by S3's protocol. */
export async function serveS3(bucket: Bucket, { permits = () => true }: { permits?: Permits } = {}): Promise<S3Server> {
  const requests: string[] = []
  const listening = await listen((request, response) => {
    requests.push(request.method ?? '')
    void answer(bucket, permits, request, response)
  })
  return { ...listening, requests }
}

async function answer(bucket: Bucket, permits: Permits, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request)
  const url = new URL(request.url ?? '', 'http://s3')
  const [, name = '', ...key] = url.pathname.split('/').map(decodeURIComponent)
  if (name !== bucket.name) return deny(response, 404, 'NoSuchBucket', 'The specified bucket does not exist')
  const [container, object] = [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/${key.join('/')}`]
  const mayList = permits('s3:ListBucket', container)
  if (request.method === 'PUT')
    return permits('s3:PutObject', object)
      ? await put(bucket, key.join('/'), body, request, response)
      : forbid(response, 's3:PutObject')
  if (url.searchParams.get('list-type') === '2')
    return mayList ? await list(bucket, url.searchParams, response) : forbid(response, 's3:ListBucket')
  if (!permits('s3:GetObject', object)) return forbid(response, 's3:GetObject')
  const found = await bucket.get(key.join('/'))
  // Who may not list is not told what is not there.
  if (found.status === 404 && !mayList) return forbid(response, 's3:ListBucket')
  if (found.status === 503) return deny(response, 503)
  response.setHeader('date', new Date(found.date).toUTCString())
  if (found.status === 404) return deny(response, 404)
  response.writeHead(200, { etag: `"${found.etag}"`, 'content-type': 'application/json' }).end(found.body)
}

async function put(
  bucket: Bucket,
  key: string,
  body: string,
  { headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const match = headers['if-match']
  const condition: PutCondition | undefined =
    match === undefined
      ? headers['if-none-match'] === '*'
        ? { ifNoneMatch: '*' }
        : undefined
      : { ifMatch: match.replaceAll('"', '') }
  if (condition === undefined) return deny(response, 400, 'InvalidRequest', 'a write without a condition')
  const done = await bucket.put(key, body, condition)
  if (done.status === 'unknown') return void response.destroy()
  if (done.status !== 200) return deny(response, done.status)
  response.writeHead(200, { etag: `"${done.etag}"` }).end()
}

async function list(bucket: Bucket, query: URLSearchParams, response: ServerResponse): Promise<void> {
  if (query.get('delimiter') !== '/') return deny(response, 400, 'InvalidRequest', 'a list without a delimiter')
  const token = query.get('continuation-token')
  const found = await bucket.list(query.get('prefix') ?? '', token === null ? undefined : atob(token))
  if (found.status === 503) return deny(response, 503)
  const listed = found.names.map((name) => {
    const text = name.replaceAll('&', '&amp;')
    return name.endsWith('/')
      ? `<CommonPrefixes><Prefix>${text}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${text}</Key></Contents>`
  })
  const next = found.next === undefined ? '' : `<NextContinuationToken>${btoa(found.next)}</NextContinuationToken>`
  const xml = `<ListBucketResult><Name>${bucket.name}</Name><IsTruncated>${next !== ''}</IsTruncated>${next}${listed.join('')}</ListBucketResult>`
  response.writeHead(200, { 'content-type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`)
}

function forbid(response: ServerResponse, action: string): void {
  deny(response, 403, 'AccessDenied', `User: arn:aws:iam::123456789012:user/ada is not authorized to perform: ${action}`)
}

function deny(response: ServerResponse, status: number, code = WORDS[status]?.[0], message = WORDS[status]?.[1]): void {
  const xml = `<Error><Code>${code}</Code><Message>${message}</Message><RequestId>r-1</RequestId></Error>`
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`)
}
