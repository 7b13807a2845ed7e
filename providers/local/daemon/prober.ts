import { setTimeout as sleep } from 'node:timers/promises'
import type { At } from '../../../src/core/snapshot.ts'
import type { LaunchSettings } from '../launch/settings.ts'
import type { Book } from './book.ts'
import { countFailure } from './bury.ts'
import { ask, counted, judged, type Streak } from './health.ts'
import { instancesOf, type GroupRecord, type InstanceRecord } from './state.ts'

/** What the prober needs to know. */
export interface ProberOptions {
  readonly book: Book
  settingsOf(release: string): LaunchSettings
  now(): At
  /** Somebody's health changed. */
  onChange(): void
}

/** Asks every running instance for its health, over and over. */
export interface Prober {
  /** Begins with instances that are new. */
  watch(): void
  /** Why an instance is not healthy, as it last said. */
  reasonOf(instance: string): string | undefined
}

/** While an instance starts it is asked more often, so that it is not late in service. */
const STARTING_INTERVAL_MS = 200

/** Makes a prober that asks nobody yet. */
export function createProber(options: ProberOptions): Prober {
  const watched = new Set<string>()
  const reasons = new Map<string, string>()

  async function attend(id: string): Promise<void> {
    let streak: Streak = { good: 0, bad: 0 }
    for (let found = find(options.book, id); found !== undefined; found = find(options.book, id)) {
      const { health } = options.settingsOf(found.instance.release)
      streak = counted(streak, await ask(found.instance, health, options.now()))
      if (streak.reason === undefined) reasons.delete(id)
      else reasons.set(id, streak.reason)
      apply(id, streak)
      await sleep(found.instance.health === 'starting' ? Math.min(health.intervalMs, STARTING_INTERVAL_MS) : health.intervalMs)
    }
    watched.delete(id)
    reasons.delete(id)
  }

  function apply(id: string, streak: Streak): void {
    const found = find(options.book, id)
    if (found === undefined) return
    const now = options.now()
    const health = judged(found.instance, streak, options.settingsOf(found.instance.release).health, now)
    if (health === found.instance.health) return
    try {
      options.book.change((draft) => record(draft.groups[found.group.id], id, health, streak, now))
      options.onChange()
    } catch (fault) {
      // The disk is full: the next answer leads to the same judgement and is stored then.
      console.error(fault)
    }
  }

  return {
    watch() {
      for (const { instance } of instancesOf(options.book.state)) {
        if (watched.has(instance.id) || !isAsked(instance)) continue
        watched.add(instance.id)
        void attend(instance.id)
      }
    },
    reasonOf: (instance) => reasons.get(instance),
  }
}

function record(group: GroupRecord | undefined, id: string, health: InstanceRecord['health'], streak: Streak, now: At): void {
  const instance = group?.instances.find((one) => one.id === id)
  if (group === undefined || instance === undefined) return
  instance.health = health
  if (health === 'healthy') instance.healthyAt = now
  else countFailure(group, { class: 'transient', message: `${id} is not healthy: ${streak.reason ?? 'no reason given'}` })
}

function find(book: Book, id: string) {
  for (const one of instancesOf(book.state)) if (one.instance.id === id) return isAsked(one.instance) ? one : undefined
  return undefined
}

function isAsked(instance: InstanceRecord): boolean {
  return instance.process !== undefined && instance.removing === undefined
}
