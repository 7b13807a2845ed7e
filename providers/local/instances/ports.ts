import { createServer } from 'node:net'

/** Below the range from which Linux and macOS give ports to clients, so that no outgoing connection takes one meanwhile. */
const FIRST = 20_000
const LAST = 32_000

/** A free port that is not among the taken ones. From `from` upwards if that is given, else anywhere in the usual range. */
export async function freePort(taken: ReadonlySet<number>, from?: number): Promise<number | undefined> {
  const span = LAST - FIRST
  const offset = from === undefined ? Math.floor(Math.random() * span) : 0
  for (let step = 0; step < span; step++) {
    const port = from === undefined ? FIRST + ((offset + step) % span) : from + step
    if (port > 65_535) return undefined
    if (!taken.has(port) && (await canListen(port))) return port
  }
  return undefined
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}
