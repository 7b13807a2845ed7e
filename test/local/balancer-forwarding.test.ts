import { once } from 'node:events'
import { request as ask, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { pool, sendRaw, serve, startInstance, startNamed, table, target, targetState, until } from './balancer-kit.ts'

const at = (port: number) => `http://127.0.0.1:${port}`

describe('a request', () => {
  test('arrives with its method, path, host and body, and says whom it came from', async () => {
    await using instance = await startInstance((request, response) => {
      const { method, url, rawHeaders } = request
      let body = ''
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      request.on('end', () => response.end(JSON.stringify({ method, url, rawHeaders, body })))
    })
    await using served = await serve(pool('a', 1, instance.port))
    const text = await sendRaw(
      served.port,
      [
        'PATCH /a%20b?c=d HTTP/1.1',
        'Host: shop.example',
        'Connection: close, X-Secret',
        'X-Secret: of this connection',
        'X-Forwarded-For: 10.0.0.1',
        'X-Forwarded-Proto: https',
        'Content-Length: 4',
        '',
        'body',
      ].join('\r\n'),
    )
    const seen = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))
    expect(seen).toMatchObject({ method: 'PATCH', url: '/a%20b?c=d', body: 'body' })
    const headers = seen.rawHeaders.join('\n')
    expect(headers).toContain('host\nshop.example')
    expect(headers).toContain('x-forwarded-for\n10.0.0.1, 127.0.0.1')
    expect(headers).toContain('x-forwarded-proto\nhttp\n')
    expect(headers).toContain('x-forwarded-host\nshop.example')
    expect(headers).not.toContain('of this connection')
    expect(headers).not.toContain('https')
  })

  test('of 5 MB passes, with and without an announced length', async () => {
    await using instance = await startInstance((request, response) => void request.pipe(response))
    await using served = await serve(pool('a', 1, instance.port))
    const bytes = Buffer.alloc(5_000_000, 'imago')
    const plain = await fetch(at(served.port), { method: 'POST', body: bytes })
    expect(Buffer.from(await plain.arrayBuffer()).equals(bytes)).toBe(true)
    const chunks = new ReadableStream({ start: (to) => (to.enqueue(bytes), to.close()) })
    const chunked = await fetch(at(served.port), { method: 'POST', body: chunks, duplex: 'half' })
    expect(Buffer.from(await chunked.arrayBuffer()).equals(bytes)).toBe(true)
  })

  test('that expects 100-continue is told to go on', async () => {
    await using instance = await startInstance((request, response) => void request.pipe(response))
    await using served = await serve(pool('a', 1, instance.port))
    const call = ask({ port: served.port, method: 'POST', headers: { expect: '100-continue', 'content-length': 2 } })
    call.flushHeaders()
    await once(call, 'continue')
    const [answer] = (await once(call.end('go'), 'response')) as [IncomingMessage]
    expect(await answer.toArray()).toEqual([Buffer.from('go')])
  })

  test('whose client goes away frees its place at the instance, at any time', async () => {
    let closed = 0
    await using instance = await startInstance((_request, response) => {
      response.on('close', () => (closed += 1)).write('first')
    })
    await using served = await serve(pool('a', 1, instance.port))
    const inFlight = () => targetState(served.balancer.state(), 'a', instance.port)?.inFlight
    const reading = new AbortController()
    await fetch(at(served.port), { signal: reading.signal })
    const upload = connect(served.port, '127.0.0.1').on('error', () => undefined)
    upload.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\npart')
    await until(() => inFlight() === 2)
    reading.abort()
    upload.destroy()
    await until(() => inFlight() === 0 && closed === 2)
    const [second] = served.balancer.state().services['web']?.pools['a']?.counters ?? []
    expect(second?.failures).toBe(0)
  })
})

describe('an answer', () => {
  test('streams as it is written: head first, then each piece', async () => {
    let next: (text: string | undefined) => void = () => undefined
    await using instance = await startInstance((_request, response) => {
      response.flushHeaders()
      next = (text) => void (text === undefined ? response.end() : response.write(text))
    })
    await using served = await serve(pool('a', 1, instance.port))
    const answer = await fetch(at(served.port))
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    for (const piece of ['one', 'two', 'three']) {
      next(piece)
      expect(await reader?.read()).toEqual({ done: false, value: piece })
    }
    next(undefined)
    expect((await reader?.read())?.done).toBe(true)
  })

  test('waits for a client that reads slowly, and is whole in the end', async () => {
    const bytes = 64 * 1_024 * 1_024
    let written = 0
    await using instance = await startInstance((_request, response) => {
      const more = () => {
        while (written < bytes && response.write(Buffer.alloc(65_536))) written += 65_536
        if (written < bytes) written += 65_536
        if (written < bytes) response.once('drain', more)
        else response.end()
      }
      more()
    })
    await using served = await serve(pool('a', 1, instance.port))
    const [answer] = (await once(ask({ port: served.port }).end(), 'response')) as [IncomingMessage]
    answer.pause()
    let before = -1
    // The sockets' own buffers fill first; then nothing moves.
    await until(async () => {
      const still = before === written
      before = written
      await new Promise((resolve) => setTimeout(resolve, 100))
      return still
    })
    expect(written).toBeLessThan(bytes)
    let received = 0
    for await (const chunk of answer as AsyncIterable<Buffer>) received += chunk.length
    expect(received).toBe(bytes)
  })

  test('to HEAD, and of 204 and 304, has no body, and the connection goes on', async () => {
    await using instance = await startInstance((request, response) => {
      const status = Number(request.url?.slice(1)) || 200
      response.writeHead(status, status === 200 ? { 'content-length': 5, 'set-cookie': ['a=1', 'b=2'] } : {})
      response.end(status === 200 ? 'hello' : undefined)
    })
    await using served = await serve(pool('a', 1, instance.port))
    const lines = ['HEAD /', 'GET /204', 'GET /304', 'GET /'].map((one) => `${one} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const text = await sendRaw(served.port, `${lines.join('')}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 204', 'HTTP/1.1 304', 'HTTP/1.1 200', 'HTTP/1.1 200'])
    expect(text.match(/hello/g)).toHaveLength(2)
    expect(text.match(/set-cookie: (a=1|b=2)/g)).toHaveLength(6)
  })

  test('that comes before the upload has ended is passed on, and the connection goes on', async () => {
    await using instance = await startInstance((_request, response) => {
      response.writeHead(413, { 'content-length': 7 }).end('too big')
    })
    await using served = await serve(pool('a', 1, instance.port))
    const socket = connect(served.port, '127.0.0.1')
    let received = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk))
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nbegin')
    await until(() => received.includes('too big'))
    socket.write(`${'x'.repeat(99_995)}GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
    await once(socket, 'close')
    expect(received.match(/HTTP\/1.1 413/g)).toHaveLength(2)
  })

  test('keeps its trailers', async () => {
    await using instance = await startInstance((_request, response) => {
      response.writeHead(200, { trailer: 'x-sum' }).write('text')
      response.addTrailers({ 'x-sum': '42' })
      response.end()
    })
    await using served = await serve(pool('a', 1, instance.port))
    const [answer] = (await once(ask({ port: served.port }).end(), 'response')) as [IncomingMessage]
    await answer.toArray()
    expect(answer.trailers).toEqual({ 'x-sum': '42' })
  })
})

describe('draining', () => {
  test('sends nothing new, waits for what is under way, and counts it', async () => {
    let finish: () => void = () => undefined
    await using old = await startInstance((_request, response) => {
      response.write('first ')
      finish = () => void response.end('last')
    })
    await using next = await startNamed('next')
    await using served = await serve(pool('a', 1, old.port))
    const stream = await fetch(at(served.port))
    const drained = { ...pool('a', 1), targets: [target(old.port, 'draining'), target(next.port)] }
    await served.balancer.apply(table(2, [drained]))
    for (let sent = 0; sent < 20; sent += 1) expect(await (await fetch(at(served.port))).text()).toBe('next')
    expect(targetState(served.balancer.state(), 'a', old.port)?.inFlight).toBe(1)
    finish()
    expect(await stream.text()).toBe('first last')
    await until(() => targetState(served.balancer.state(), 'a', old.port)?.inFlight === 0)
  })

  test.each([
    ['an instance', true],
    ['its whole pool', false],
  ])('is not cut short when %s leaves the table', async (_what, keepPool) => {
    let finish: () => void = () => undefined
    await using old = await startInstance((_request, response) => {
      response.write('first ')
      finish = () => void response.end('last')
    })
    await using served = await serve(pool('a', 1, old.port))
    const stream = await fetch(at(served.port))
    await served.balancer.apply(table(2, keepPool ? [pool('a', 1)] : []))
    expect((await fetch(at(served.port))).status).toBe(503)
    finish()
    expect(await stream.text()).toBe('first last')
  })
})
