import { describe, expect, test } from 'vitest'
import { deadPort, pool, serve, startInstance, startNamed, startSocket, targetState } from './balancer-kit.ts'

const at = (port: number) => `http://127.0.0.1:${port}`

async function why(answer: Promise<Response>): Promise<[number, string | null]> {
  const { status, headers } = await answer
  return [status, headers.get('x-imago-balancer')]
}

describe('a request is never sent twice', () => {
  test.each(['POST', 'GET'])('when an instance read a %s and closed without an answer', async (method) => {
    let sent = 0
    await using reader = await startSocket((socket) => {
      socket.once('data', () => {
        sent += 1
        socket.destroy()
      })
    })
    await using other = await startInstance((_request, response) => {
      sent += 1
      response.end()
    })
    await using served = await serve(pool('a', 1, reader.port, other.port))
    const answers = [await why(fetch(at(served.port), { method })), await why(fetch(at(served.port), { method }))]
    expect(answers).toContainEqual([502, 'cut-by-instance'])
    expect(answers).toContainEqual([200, null])
    expect(sent).toBe(2)
  })

  test('when the connection, used before, is closed as the next request comes', async () => {
    const seen: string[] = []
    await using instance = await startSocket((socket) => {
      socket.on('data', (chunk) => {
        seen.push(chunk.toString('latin1').split(' ')[1] as string)
        if (seen.length === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
        else socket.resetAndDestroy()
      })
    })
    await using served = await serve(pool('a', 1, instance.port))
    expect((await fetch(`${at(served.port)}/1`, { method: 'POST' })).status).toBe(200)
    expect(await why(fetch(`${at(served.port)}/2`, { method: 'POST', body: 'text' }))).toEqual([502, 'cut-by-instance'])
    expect(seen).toEqual(['/1', '/2'])
  })
})

describe('a request goes to another instance', () => {
  test('when not a byte of it was sent, and its body with it', async () => {
    const dead = await deadPort()
    await using alive = await startInstance((request, response) => void request.pipe(response))
    await using served = await serve(pool('a', 1, dead, alive.port))
    for (let sent = 0; sent < 4; sent += 1) {
      const answer = await fetch(at(served.port), { method: 'POST', body: `body ${sent}` })
      expect(await answer.text()).toBe(`body ${sent}`)
    }
    expect(targetState(served.balancer.state(), 'a', dead)?.ejected).toBe(true)
    expect(targetState(served.balancer.state(), 'a', alive.port)?.ejected).toBe(false)
  })

  test('when an instance was killed, also on connections that were kept', async () => {
    await using doomed = await startNamed('doomed')
    await using alive = await startNamed('alive')
    await using served = await serve(pool('a', 1, doomed.port, alive.port))
    const ask = async () => (await fetch(at(served.port), { method: 'POST', body: 'x' })).text()
    expect(new Set([await ask(), await ask()])).toEqual(new Set(['doomed', 'alive']))
    await doomed.kill()
    for (let sent = 0; sent < 20; sent += 1) expect(await ask()).toBe('alive')
  })
})

describe('an instance that could not be reached', () => {
  test('is asked all the same when there is no other, and takes its turns again once it is back', async () => {
    const port = await deadPort()
    await using served = await serve(pool('a', 1, port))
    expect(await why(fetch(at(served.port)))).toEqual([502, 'connect-failed'])
    const { createServer } = await import('node:http')
    const back = createServer((_request, response) => response.end('back')).listen(port, '127.0.0.1')
    try {
      expect(await (await fetch(at(served.port))).text()).toBe('back')
      expect(targetState(served.balancer.state(), 'a', port)?.ejected).toBe(false)
    } finally {
      back.close()
      back.closeAllConnections()
    }
  })
})

describe('an answer is never hidden', () => {
  test.each([500, 502, 503, 404])('%i of an instance comes through as it is', async (status) => {
    await using instance = await startInstance((_request, response) => {
      response.writeHead(status, { 'x-mine': 'yes' }).end('my own words')
    })
    await using served = await serve(pool('a', 1, instance.port))
    const answer = await fetch(at(served.port))
    expect([answer.status, answer.headers.get('x-mine'), await answer.text()]).toEqual([status, 'yes', 'my own words'])
    expect(answer.headers.has('x-imago-balancer')).toBe(false)
  })

  test.each([
    ['with a length', { 'content-length': 100 }],
    ['in chunks', {}],
  ])('that is cut in the middle is cut for the client, %s', async (_how, headers) => {
    let cut: () => void = () => undefined
    await using instance = await startInstance((_request, response) => {
      response.writeHead(200, headers).write('half')
      cut = () => void response.socket?.resetAndDestroy()
    })
    await using served = await serve(pool('a', 1, instance.port))
    const answer = await fetch(at(served.port))
    // The head has come through: what is cut now is the body.
    cut()
    await expect(answer.text()).rejects.toThrow()
    expect(served.balancer.state().services['web']?.pools['a']?.counters).toMatchObject([{ requests: 1, failures: 1 }])
  })

  test('that is not HTTP is called so', async () => {
    await using instance = await startSocket((socket) => void socket.once('data', () => void socket.end('SSH-2.0-hello\r\n')))
    await using served = await serve(pool('a', 1, instance.port))
    expect(await why(fetch(at(served.port)))).toEqual([502, 'bad-answer'])
  })
})

test('the counters tell requests, failures and time by pool', async () => {
  let asked = 0
  await using instance = await startInstance((_request, response) => {
    asked += 1
    response.writeHead(asked % 2 === 0 ? 500 : 200).end()
  })
  await using served = await serve(pool('a', 1, instance.port))
  for (let sent = 0; sent < 10; sent += 1) await (await fetch(at(served.port))).text()
  const counters = served.balancer.state().services['web']?.pools['a']?.counters ?? []
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
  expect(sum(counters.map((one) => one.requests))).toBe(10)
  expect(sum(counters.map((one) => one.failures))).toBe(5)
  expect(sum(counters.flatMap((one) => one.latency))).toBe(10)
})
