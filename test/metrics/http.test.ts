import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isRolloutError } from '../../src/core/errors.ts'
import type { MetricQuery } from '../../src/core/metric-source.ts'
import { httpMetrics } from '../../src/metrics/http.ts'

const QUERY: MetricQuery = {
  query: 'errors/total %',
  subject: { group: 'web v1', binding: 'b&c', release: 'r-1' },
  from: 1_000,
  until: 61_000,
}
const SECRETS = ['hunter2', 'k3y', 'pa%2Fth', 'tok3n']
const SECRET_URL = 'https://ada:hunter2@numbers.invalid/pa%2Fth/{query}?key=k3y&of={group}'

/** Asks a source whose endpoint answers in this way. */
async function read(answer: () => Response | Promise<Response>, url = SECRET_URL) {
  const headers = { 'x-token': 'tok3n' }
  return await httpMetrics({ url, headers, fetch: async () => await answer() }).read(QUERY, context())
}

function context(signal = new AbortController().signal) {
  return { signal }
}

/** A reading that fails; nothing of what is secret may be in its error, however it is looked at. */
async function failure(reading: Promise<unknown>) {
  const error = await reading.then(
    () => expect.fail('it answered'),
    (reason: unknown) => reason,
  )
  const shown = `${inspect(error, { depth: Infinity, showHidden: true })} ${JSON.stringify(error)} ${String((error as Error).stack)}`
  for (const secret of SECRETS) expect(shown).not.toContain(secret)
  if (!isRolloutError(error, 'call-failed')) return expect.fail(String(error))
  return { ...error.facts, message: error.message }
}

test('asks with everything filled in, and with what is secret in a header', async () => {
  let asked: { address: string; init: RequestInit | undefined } | undefined
  const url =
    'https://ada:p%40ss@numbers.invalid/{query}?of={group}&at={binding}&r={release}&from={from}&to={until}&q=sum(x{y="{group}"})'
  const source = httpMetrics({
    url,
    headers: { 'x-token': 'tok3n' },
    fetch: (address, init) => {
      asked = { address: new Request(address).url, init }
      return Promise.resolve(new Response('1'))
    },
  })
  const { signal } = context()
  await source.read(QUERY, { signal })
  expect(asked?.address).toBe(
    'https://numbers.invalid/errors%2Ftotal%20%25?of=web%20v1&at=b%26c&r=r-1&from=1000&to=61000&q=sum(x{y=%22web%20v1%22})',
  )
  expect(asked?.init).toMatchObject({
    signal,
    redirect: 'manual',
    headers: { accept: 'application/json', authorization: `Basic ${btoa('ada:p@ss')}`, 'x-token': 'tok3n' },
  })
})

describe('an answer', () => {
  test.for([
    ['0', [{ at: 61_000, value: 0 }]],
    ['0.25', [{ at: 61_000, value: 0.25 }]],
    ['{"value": -3, "unit": "ms"}', [{ at: 61_000, value: -3 }]],
    [
      '[{"at": 2000, "value": 1}, {"at": 3000, "value": 2}]',
      [
        { at: 2_000, value: 1 },
        { at: 3_000, value: 2 },
      ],
    ],
    ['{"samples": [{"at": 2000, "value": 1}]}', [{ at: 2_000, value: 1 }]],
    ['[{"at": 999, "value": 1}, {"at": 61001, "value": 2}, {"at": 1000, "value": 3}]', [{ at: 1_000, value: 3 }]],
  ] as const)('%s is numbers', async ([body, samples]) => {
    expect(await read(() => new Response(body))).toEqual(samples)
  })

  test.for(['', ' \n', 'null', '{"value": null}', '[]', '{"samples": []}', '[{"at": 999, "value": 1}]'])(
    '"%s" is no data, and never zero',
    async (body) => {
      expect(await read(() => new Response(body))).toEqual([])
    },
  )

  test('without a body is no data', async () => {
    expect(await read(() => new Response(null, { status: 204 }))).toEqual([])
  })

  test.for([
    '"0.5"',
    'true',
    '{}',
    '{"value": "1"}',
    '{"value": [1]}',
    '[1, 2]',
    '[{"value": 1}]',
    '<html>',
    'NaN',
    '1e999',
    '{"error": "k3y"}',
  ])('%s is an error, and not no data', async (body) => {
    expect(await failure(read(() => new Response(body)))).toMatchObject({ class: 'invalid' })
  })

  test('that does not end is cut off', async () => {
    const endless = () => new Response(new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(65_536).fill(32)) }))
    expect(await failure(read(endless))).toMatchObject({ class: 'invalid', message: expect.stringContaining('more than') })
  })
})

describe('a status', () => {
  test.for([
    [301, 'invalid'],
    [400, 'invalid'],
    [401, 'denied'],
    [403, 'denied'],
    [404, 'not-found'],
    [429, 'throttled'],
    [500, 'transient'],
    [503, 'transient'],
  ] as const)('%i is an error, whatever the body says', async ([status, failed]) => {
    const answer = () => new Response('0', { status, headers: { location: 'https://other.invalid', 'retry-after': '7' } })
    expect(await failure(read(answer))).toMatchObject({
      class: failed,
      native: String(status),
      retryAfterMs: 7_000,
      message: `https://numbers.invalid answered with status ${status}.`,
    })
  })
})

describe('on the network', () => {
  test('a server that is not there is an error that names nothing but where', async () => {
    const url = `${await closedAddress()}/pa%2Fth?key=k3y`.replace('http://', 'http://ada:hunter2@')
    expect(await failure(httpMetrics({ url }).read(QUERY, context()))).toMatchObject({
      class: 'transient',
      native: 'ECONNREFUSED',
    })
  })

  test('a redirect is not followed', async () => {
    const paths: string[] = []
    const address = await serve((path, respond) => {
      paths.push(path)
      respond(302, { location: '/elsewhere' })
    })
    expect(await failure(httpMetrics({ url: `${address}/numbers` }).read(QUERY, context()))).toMatchObject({ native: '302' })
    expect(paths).toEqual(['/numbers'])
  })

  test('a server that stops in the middle of its answer is let go of with the signal', async () => {
    const address = await serve((_path, respond) => respond(200, { 'content-length': '10' }, '1'))
    const letGo = new AbortController()
    const reading = httpMetrics({ url: `${address}/?key=k3y` }).read(QUERY, context(letGo.signal))
    setTimeout(() => letGo.abort(), 50)
    expect(await failure(reading)).toMatchObject({ class: 'transient' })
  })
})

test('an address that is none, and placeholders that nobody fills in, are refused at once and without what is secret', () => {
  for (const url of ['numbers/k3y', 'file:///k3y', 'https://numbers.invalid/{subject}?key=k3y', '']) {
    const refused = () => httpMetrics({ url })
    expect(refused).toThrowError(expect.objectContaining({ code: 'spec-invalid' }))
    expect(refused).not.toThrowError(/k3y/)
  }
})

type Respond = (status: number, headers: Record<string, string>, begin?: string) => void

/** A server that answers until the test ends; one that begins an answer does not end it. */
async function serve(answer: (path: string, respond: Respond) => void): Promise<string> {
  const server = createServer((request, response) => {
    answer(request.url ?? '', (status, headers, begin) => {
      response.writeHead(status, headers)
      if (begin === undefined) response.end()
      else response.write(begin)
    })
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Where nobody listens. */
async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}
