import { readdir, readFile, readlink } from 'node:fs/promises'

/** What runs for a local cloud, whoever knows of it. */
export interface Processes {
  readonly daemon: readonly number[]
  /** The one that serves and, once it was up for a while, the one that stands by. */
  readonly balancer: readonly number[]
  readonly instances: readonly number[]
}

/** The balancer that serves, as the daemon has it in its book. */
export async function servingBalancer(home: string): Promise<number> {
  const { balancer } = JSON.parse(await readFile(`${home}/state.json`, 'utf8')) as { balancer?: { process?: { pid: number } } }
  if (balancer?.process === undefined) throw new Error(`no balancer serves for ${home}`)
  return balancer.process.pid
}

/** Looks through all processes: daemon and balancer name their home, an instance works in an image of it. Needs /proc. */
export async function processesOf(home: string): Promise<Processes> {
  const found = { daemon: [] as number[], balancer: [] as number[], instances: [] as number[] }
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    // A process may end while the list is read.
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    const folder = await readlink(`/proc/${name}/cwd`).catch(() => '')
    if (line.includes(home) && line.includes('daemon/main.')) found.daemon.push(Number(name))
    else if (line.includes(home) && line.includes('balancer/main.')) found.balancer.push(Number(name))
    else if (folder.startsWith(`${home}/images/`)) found.instances.push(Number(name))
  }
  return found
}

/** Says why a test is skipped where processes cannot be looked through. */
export function needProc(skip: (why: string) => void): void {
  if (process.platform !== 'linux') skip('needs /proc to find processes that nobody knows of')
}
