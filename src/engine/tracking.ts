import { unlessLetGo } from './deadline.ts'
import { createEmitter } from './emitter.ts'
import { within, type Runtime } from './runtime.ts'
import { load, type Tracked } from './tracked.ts'

/** The rollouts that a process tracks, each once. */
export interface Tracking {
  /** @param from where emission begins. */
  track(rolloutId: string, signal: AbortSignal, from: 'start' | 'now'): Promise<Tracked>
  forget(rolloutId: string): void
  close(): void
}

/** A rollout that is read from the store, or was. */
interface Loading {
  readonly tracked: Promise<Tracked>
  readonly over: AbortController
  waiting: number
  loaded: boolean
}

/** Tracks nothing yet. */
export function createTracking(runtime: Runtime): Tracking {
  const all = new Map<string, Loading>()
  return {
    async track(rolloutId, signal, from) {
      const loading = all.get(rolloutId) ?? begin(rolloutId, from)
      loading.waiting++
      try {
        return await unlessLetGo(signal, `loading ${rolloutId}`, () => loading.tracked)
      } finally {
        loading.waiting--
        if (loading.waiting === 0 && !loading.loaded) abandon(rolloutId, loading)
      }
    },
    forget: (rolloutId) => void all.delete(rolloutId),
    close() {
      for (const { tracked } of all.values()) void tracked.then(({ emitter }) => emitter.close()).catch(() => undefined)
      all.clear()
    },
  }

  function begin(rolloutId: string, from: 'start' | 'now'): Loading {
    const over = new AbortController()
    const tracked = load(within(runtime, { rolloutId }, over.signal), rolloutId, createEmitter(runtime.log), from)
    const loading: Loading = { tracked, over, waiting: 0, loaded: false }
    tracked.then(
      () => (loading.loaded = true),
      () => undefined,
    )
    all.set(rolloutId, loading)
    return loading
  }

  /** Nobody waits for it any more: whoever asks next begins anew. */
  function abandon(rolloutId: string, loading: Loading): void {
    if (all.get(rolloutId) === loading) all.delete(rolloutId)
    loading.over.abort('nobody waits for it any more')
  }
}
