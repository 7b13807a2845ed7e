/** Something of the cloud that reads show: as it is now, or as it was a little ago. */
export interface Shown<View> {
  /** It has changed; what reads show is built once the change is whole. */
  touch(): void
  /** As it is now: the same object while nothing has changed. */
  now(): View
  /** As it was, and since when it had been so. */
  at(moment: number): { readonly since: number; readonly view: View }
}

/** Builds what reads show. Without a past to keep, only when somebody reads. */
export interface ShownKeeper {
  show<View>(build: () => View): Shown<View>
  /** Builds what has changed; called when a change is whole. */
  flush(): void
}

interface Past<View> {
  readonly since: number
  readonly view: View
}

/** @param keepMs how far reads may lag: so long the past is kept. */
export function createShownKeeper(now: () => number, keepMs: number): ShownKeeper {
  const dirty = new Set<() => void>()
  return {
    show<View>(build: () => View): Shown<View> {
      let current: View | undefined
      let past: Past<View>[] = []
      const rebuild = () => {
        current = build()
        if (keepMs === 0) return
        past.push({ since: now(), view: current })
        if (past.length > 8) past = trimmed(past, now() - keepMs)
      }
      const fresh = () => {
        if (current === undefined) rebuild()
        return current as View
      }
      return {
        touch() {
          current = undefined
          if (keepMs > 0) dirty.add(rebuild)
        },
        now: fresh,
        at(moment) {
          const view = fresh()
          for (let index = past.length - 1; index > 0; index--) if (past[index]!.since <= moment) return past[index]!
          return past[0] ?? { since: 0, view }
        },
      }
    },
    flush() {
      if (dirty.size === 0) return
      for (const rebuild of dirty) rebuild()
      dirty.clear()
    },
  }
}

/** What was in force at `from` is still needed; what came before it is not. */
function trimmed<View>(past: Past<View>[], from: number): Past<View>[] {
  let first = past.length - 1
  while (first > 0 && past[first]!.since > from) first--
  return past.slice(first)
}
