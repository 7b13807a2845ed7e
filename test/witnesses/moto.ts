import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Why moto is not asked here; `undefined` when it is. It is another reading of AWS's APIs, and nothing of ours. */
export const noMoto =
  spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).error === undefined
    ? undefined
    : 'moto_server is not installed here, so that nobody but our own server was asked'

/** moto on a port of this machine. */
export interface Moto {
  readonly endpoint: string
  close(): Promise<void>
}

/** Starts moto and waits until it answers. */
export async function startMoto(): Promise<Moto> {
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const server = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  for (let tries = 0; !(await answers(endpoint)); tries++) {
    if (tries > TRIES) throw new Error(`moto_server did not answer at ${endpoint}`)
    await sleep(100)
  }
  return {
    endpoint,
    async close() {
      server.kill('SIGKILL')
      await once(server, 'exit')
    },
  }
}

const TRIES = 300

async function answers(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/moto-api/`)).ok
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
