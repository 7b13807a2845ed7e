import type { At } from '../../../src/core/snapshot.ts'
import type { BalancerState } from '../balancer/table.ts'
import { signalGroup } from '../instances/process.ts'
import type { LaunchSettings } from '../launch/settings.ts'
import type { Book } from './book.ts'
import type { Publisher } from './publisher.ts'
import { instancesOf, type CloudState, type InstanceRecord } from './state.ts'

/** What the remover needs. */
export interface RemoverOptions {
  readonly book: Book
  readonly publisher: Publisher
  settingsOf(release: string): LaunchSettings
  now(): At
}

/** Ends the instances that shall go: requests first, then SIGTERM, then SIGKILL. */
export function createRemover({ book, publisher, settingsOf, now }: RemoverOptions): () => Promise<void> {
  const asked = new Set<string>()

  /** Whoever has no requests under way any more, or had its time. */
  async function finished(): Promise<string[]> {
    const waiting = leaving(book.state).filter((one) => one.removing?.stoppedAt === undefined)
    if (waiting.length === 0) return []
    const inFlight = Object.keys(book.state.services).length === 0 ? () => 0 : counter(await publisher.peek())
    const overdue = (one: InstanceRecord) => now() - (one.removing?.at ?? 0) > settingsOf(one.release).stop.graceMs
    return waiting.filter((one) => inFlight(one.id) === 0 || overdue(one)).map((one) => one.id)
  }

  function stop(one: InstanceRecord): void {
    if (one.process === undefined || one.removing?.stoppedAt === undefined) return
    // A new daemon cannot know whether its predecessor came to ask; asking twice is harmless.
    if (!asked.has(one.id)) signalGroup(one.process, 'SIGTERM')
    asked.add(one.id)
    if (now() - one.removing.stoppedAt > settingsOf(one.release).stop.graceMs) signalGroup(one.process, 'SIGKILL')
  }

  return async () => {
    const ready = await finished()
    if (ready.length > 0) {
      book.change((draft) => {
        for (const one of leaving(draft))
          if (ready.includes(one.id) && one.removing !== undefined) one.removing.stoppedAt ??= now()
      })
    }
    const present = leaving(book.state)
    for (const one of present) stop(one)
    for (const id of asked) if (!present.some((one) => one.id === id)) asked.delete(id)
  }
}

function leaving(state: CloudState): InstanceRecord[] {
  return [...instancesOf(state)]
    .map((one) => one.instance)
    .filter((one) => one.removing !== undefined && one.process !== undefined)
}

/** Requests under way by instance; `undefined` for all while the balancer does not say. */
function counter(state: BalancerState | undefined): (instance: string) => number | undefined {
  if (state === undefined) return () => undefined
  const pools = Object.values(state.services).flatMap((service) => Object.values(service.pools))
  return (instance) => pools.reduce((sum, pool) => sum + (pool.targets[instance]?.inFlight ?? 0), 0)
}
