import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { At } from '../../../src/core/snapshot.ts'
import { freePort } from '../instances/ports.ts'
import type { LaunchSettings } from '../launch/settings.ts'
import type { LocalPaths } from '../paths.ts'
import type { Book } from './book.ts'
import type { Census } from './census.ts'
import { converge, lacking } from './converge.ts'
import type { Keeper } from './keeper.ts'
import type { Prober } from './prober.ts'
import type { Publisher } from './publisher.ts'
import { portsOf, type CloudState } from './state.ts'

/** The hands of the supervisor. */
export interface SupervisorOptions {
  readonly book: Book
  readonly paths: LocalPaths
  readonly census: Census
  readonly prober: Prober
  readonly keeper: Keeper
  readonly publisher: Publisher
  /** Starts what was decided on. */
  launchNew(): void
  /** Ends what shall go. */
  remove(): Promise<void>
  settingsOf(release: string): LaunchSettings
  now(): At
  /** The home or the socket is gone: nobody can reach this daemon any more. */
  onLost(): void
}

/** Turns what is desired into what is, over and over. */
export interface Supervisor {
  /** Look now rather than at the next turn. */
  wake(): void
  /** Begins; never rejects. */
  run(): Promise<void>
}

const TURN_EVERY_MS = 200

/** Makes a supervisor that does nothing yet. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { book, paths, census, prober, keeper, publisher } = options
  let wakeUp = new AbortController()

  /** Level-triggered: each turn looks at everything, so nothing depends on having seen an earlier one. */
  async function turn(): Promise<void> {
    census.settle()
    const ports = await portsFor(book.state, options)
    book.change((draft) => {
      for (const group of Object.values(draft.groups)) converge(group, options.now(), () => ports.get(group.id)?.shift())
      forgetRetired(draft)
    })
    options.launchNew()
    prober.watch()
    keeper.tend()
    void publisher.publish()
    await options.remove()
  }

  return {
    wake: () => wakeUp.abort(),
    async run() {
      while (existsSync(paths.daemonSocket)) {
        wakeUp = new AbortController()
        // A full disk ends a turn before anything was done; the next one tries again.
        await turn().catch((fault: unknown) => console.error(fault))
        await sleep(TURN_EVERY_MS, undefined, { signal: wakeUp.signal }).catch(() => undefined)
      }
      options.onLost()
    },
  }
}

/** Ports are looked for before the state is changed, because looking takes time. */
async function portsFor(state: CloudState, { settingsOf, now }: SupervisorOptions): Promise<Map<string, number[]>> {
  const taken = portsOf(state)
  const found = new Map<string, number[]>()
  for (const group of Object.values(state.groups)) {
    const ports: number[] = []
    for (const release of Object.keys(group.sizes)) {
      for (let missing = lacking(group, release, now()); missing > 0; missing--) {
        const port = await freePort(taken, settingsOf(release).port)
        if (port === undefined) break
        taken.add(port)
        ports.push(port)
      }
    }
    found.set(group.id, ports)
  }
  return found
}

function forgetRetired(state: CloudState): void {
  for (const group of Object.values(state.groups)) {
    if (!group.retiring || group.instances.length > 0) continue
    delete state.groups[group.id]
    for (const service of Object.values(state.services)) for (const pool of service.pools) delete pool.members[group.id]
  }
  const used = new Set(
    Object.values(state.groups).flatMap((group) => [
      group.release,
      ...Object.keys(group.sizes),
      ...group.instances.map((one) => one.release),
    ]),
  )
  for (const id of Object.keys(state.releases)) if (!used.has(id)) delete state.releases[id]
}
