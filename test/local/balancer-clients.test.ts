import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { CLIENT_LIMITS } from '../../providers/local/balancer/limits.ts'
import { pool, sendRaw, serve, serveWithin, startInstance, startNamed } from './balancer-kit.ts'

describe('a bad client is turned away and disturbs nobody', () => {
  const bad = {
    'that speaks no HTTP': ['\x16\x03\x01garbage\r\n\r\n', 400],
    'with a huge header': [`GET / HTTP/1.1\r\nHost: a\r\nX-Huge: ${'x'.repeat(CLIENT_LIMITS.maxHeaderSize)}\r\n\r\n`, 431],
    'without a host': ['GET / HTTP/1.1\r\n\r\n', 400],
    'with two lengths': ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
    'with a length and chunks': [
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n',
      400,
    ],
    'whose chunks are disguised': ['POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n', 400],
    'that means another place': ['GET http://other.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
    'that asks for the whole server': ['OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 400],
    'with two hosts': ['GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n', 400],
  } as const

  test.each(Object.entries(bad))('%s', async (_what, [bytes, status]) => {
    const paths: (string | undefined)[] = []
    await using instance = await startInstance((request, response) => {
      paths.push(request.url)
      response.end('good')
    })
    await using served = await serve(pool('a', 1, instance.port))
    const text = await sendRaw(served.port, bytes)
    expect(Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1])).toBe(status)
    expect(paths).toEqual([])
    expect(await (await fetch(`http://127.0.0.1:${served.port}/good`)).text()).toBe('good')
    expect(paths).toEqual(['/good'])
  })

  test('that sends its head one byte at a time', async () => {
    await using instance = await startNamed('good')
    const limits = { ...CLIENT_LIMITS, headersTimeout: 200, connectionsCheckingInterval: 50 }
    await using served = await serveWithin(limits, pool('a', 1, instance.port))
    const { port } = served
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    let received = ''
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
    socket.write('GET / HTTP/1.1\r\nX-Slow: ')
    const dripping = setInterval(() => socket.write('a'), 20)
    // What it goes on to send is answered by a reset, after the 408.
    await new Promise((resolve) => socket.once('close', resolve))
    clearInterval(dripping)
    expect(received).toMatch(/^HTTP\/1.1 408/)
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('good')
  })

  test('that tries to tunnel', async () => {
    await using instance = await startNamed('good')
    await using served = await serve(pool('a', 1, instance.port))
    expect(await sendRaw(served.port, 'CONNECT example:80 HTTP/1.1\r\nHost: example\r\n\r\n')).toBe('')
    expect(await (await fetch(`http://127.0.0.1:${served.port}/`)).text()).toBe('good')
  })
})
