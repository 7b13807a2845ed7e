import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { At } from '../../../src/core/snapshot.ts'
import { claimFate, dropClaim, takeClaim } from '../instances/launch.ts'
import { isRunning, signalGroup, type ProcessIdentity } from '../instances/process.ts'
import type { LocalPaths } from '../paths.ts'
import type { Book } from './book.ts'
import { bury, type Death } from './bury.ts'
import { instancesOf, type CloudState, type InstanceRecord } from './state.ts'

/** Who lives: what was started and what has ended, until it stands in the book. */
export interface Census {
  /** Finds again what an earlier daemon started. Once, before anything else. */
  adopt(): Promise<void>
  /** Whether this process has begun with an instance, or knows its end. */
  knows(instance: string): boolean
  /** This process is about to start it; without an identity it is not known yet. */
  began(instance: string, identity?: ProcessIdentity): void
  ended(death: Death): void
  /** Stores who was started, and takes those that ended out of their groups. */
  settle(): void
}

/** The file in which an instance leaves its pid. */
export function claimOf(paths: LocalPaths, instance: string): string {
  return join(paths.claims, `${instance}.pid`)
}

/** Makes a census that knows nobody yet. */
export function createCensus(book: Book, paths: LocalPaths, now: () => At): Census {
  /** Children of this process: their end is told to it, so nobody has to look. */
  const children = new Set<string>()
  const started = new Map<string, ProcessIdentity>()
  const ended = new Map<string, Death>()

  function noticeEnds(): void {
    for (const { instance } of instancesOf(book.state)) {
      const { id, process } = instance
      if (children.has(id) || started.has(id) || ended.has(id)) continue
      if (process === undefined ? isNeverToRun(paths, instance) : !isRunning(process)) ended.set(id, unseen(id))
    }
  }

  /** What the dead one had started in its group goes with it. The claim of one that never ran stays: its shell may come late. */
  function cleanUp({ id, process }: InstanceRecord): void {
    children.delete(id)
    if (process === undefined) return
    signalGroup(process, 'SIGKILL')
    dropClaim(claimOf(paths, id))
  }

  function settle(): void {
    noticeEnds()
    if (started.size === 0 && ended.size === 0) return
    const gone = [...ended.values()]
    const buried = book.change((draft) => {
      identifyAll(draft, started)
      return gone.map((death) => bury(draft, death, now()))
    })
    started.clear()
    for (const instance of buried) if (instance !== undefined) cleanUp(instance)
    for (const { instance } of gone) ended.delete(instance)
  }

  return {
    async adopt() {
      for (const { instance } of instancesOf(book.state)) {
        const { id } = instance
        if (instance.process !== undefined) continue
        const fate = await claimFate(claimOf(paths, id), sleep)
        if (typeof fate === 'object') started.set(id, fate)
        else ended.set(id, { ...unseen(id), blameless: fate === 'never-started' })
      }
      settle()
    },
    knows: (id) => children.has(id) || started.has(id) || ended.has(id),
    began(id, identity) {
      children.add(id)
      if (identity !== undefined) started.set(id, identity)
    },
    ended: (death) => void ended.set(death.instance, death),
    settle,
  }
}

/** It shall go before it was started, and whoever wanted to start it finds its claim taken. */
function isNeverToRun(paths: LocalPaths, { id, removing }: InstanceRecord): boolean {
  return removing !== undefined && takeClaim(claimOf(paths, id))
}

function identifyAll(state: CloudState, started: ReadonlyMap<string, ProcessIdentity>): void {
  for (const { instance } of instancesOf(state)) {
    const process = started.get(instance.id)
    if (process !== undefined) instance.process = process
  }
}

function unseen(id: string): Death {
  return { instance: id, class: 'transient', message: `${id} ended, and no daemon was there to see how` }
}
