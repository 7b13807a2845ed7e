import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gcsDialect } from '../../src/stores/gcs/dialect.ts'
import { restBucket } from '../../src/stores/object/rest.ts'
import { textsIn } from '../../src/stores/object/xml.ts'
import { listen } from '../kit/listen.ts'

const auth = { getRequestHeaders: async () => ({}) }

/** A bucket on a server that answers so, and waits for it for 100 ms. */
async function bucketOn(answer: (request: IncomingMessage, response: ServerResponse) => void, below = '') {
  const server = await listen(answer)
  const dialect = gcsDialect({ bucket: 'journals', prefix: '', endpoint: server.endpoint + below, auth })
  const bucket = restBucket(dialect, 100)
  onTestFinished(async () => {
    bucket.close?.()
    await server.close()
  })
  return bucket
}

describe('a server', () => {
  test('that does not answer in time may have written, and is away for whoever reads', async () => {
    const bucket = await bucketOn(() => undefined)
    expect(await bucket.put('a', '1', { ifNoneMatch: '*' })).toEqual({ status: 'unknown' })
    expect(await bucket.get('a')).toEqual({ status: 503, why: expect.stringMatching(/timeout/i) })
    expect(await bucket.list('a')).toEqual({ status: 503, why: expect.stringMatching(/timeout/i) })
  })

  test('that never ends its answer is not waited for either', async () => {
    const bucket = await bucketOn((_request, response) => void response.writeHead(200, { date: 'now' }).write('{'))
    expect(await bucket.get('a')).toMatchObject({ status: 503 })
  })

  test('that leads elsewhere is not followed', async () => {
    let asked = 0
    const bucket = await bucketOn((_request, response) => void (asked++, response.writeHead(307, { location: '/b' }).end()))
    expect(await bucket.get('a')).toEqual({ status: 503, why: 'status 307' })
    expect(await bucket.put('a', '1', { ifNoneMatch: '*' })).toEqual({ status: 503, why: 'status 307' })
    expect(asked).toBe(2)
  })

  test('that does not say what time it is, or which version, is not believed', async () => {
    const silent = await bucketOn((_request, response) => {
      response.sendDate = false
      response.writeHead(200, { 'x-goog-generation': '1' }).end('{}')
    })
    expect(await silent.get('a')).toEqual({ status: 503, why: 'it did not say what time it is' })
    const bucket = await bucketOn((_request, response) => void response.writeHead(200).end('{}'))
    expect(await bucket.get('a')).toEqual({ status: 503, why: 'it did not say which version it is' })
  })

  test('may be below an address, with a slash or without', async () => {
    const paths: (string | undefined)[] = []
    for (const below of ['/account', '/account/']) {
      const bucket = await bucketOn((request, response) => void (paths.push(request.url), response.writeHead(204).end()), below)
      await bucket.put("a%2F'.b", '1', { ifNoneMatch: '*' })
    }
    expect(paths).toEqual(["/account/journals/a%252F'%252Eb", "/account/journals/a%252F'%252Eb"])
  })
})

test('an address of several machines, none of which answers, is said to be so', async () => {
  const bucket = restBucket(gcsDialect({ bucket: 'journals', prefix: '', endpoint: 'http://localhost:1', auth }))
  expect(await bucket.put('a', '1', { ifNoneMatch: '*' })).toEqual({ status: 503, why: expect.stringContaining('ECONNREFUSED') })
  bucket.close?.()
})

test('a store that is closed lets go of what is under way', async () => {
  const bucket = await bucketOn(() => bucket.close?.())
  expect(await bucket.put('a', '1', { ifNoneMatch: '*' })).toEqual({ status: 'unknown' })
  expect(await bucket.get('a')).toEqual({ status: 503, why: 'the store was closed' })
})

test('texts are read out of XML as they were before they were written into it', () => {
  const xml = '<A><B> a&amp;b &lt;c&gt; &quot;d&apos; &#228;&#x1F680;&#x26;amp; &nbsp;</B><B/><B></B><BB>no</BB><B>2</B></A>'
  expect(textsIn(xml, 'B')).toEqual([' a&b <c> "d\' ä🚀&amp; &nbsp;', '2'])
})
