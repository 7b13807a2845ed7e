/** Something of the cloud that reads show: as it is now, or as it was a little ago. */
export interface Shown<View> {
  /** It has changed; what reads show is built once the change is whole. */
  touch(): void
  /** As it is now: the same object while nothing has changed. */
  now(): View
  /** As it was at a moment; unless it may go back, no older than what was shown before. */
  at(moment: number, mayGoBack: boolean): Lagging<View>
}

/** What a lagging read shows: whether it is still so, and whether a read before it showed something newer. */
export interface Lagging<View> {
  readonly view: View
  readonly stale: boolean
  readonly backwards: boolean
}

/** Builds what reads show: without a past to keep, only when somebody reads. */
export interface ShownKeeper {
  show<View>(build: () => View): Shown<View>
  /** Builds what has changed; called when a change is whole. */
  flush(): void
}

interface Past<View> {
  readonly since: number
  readonly view: View
}

/** A keeper; `keepMs` is how far reads may lag: so long the past is kept. */
export function createShownKeeper(now: () => number, keepMs: number): ShownKeeper {
  const dirty = new Set<{ refresh(): void }>()
  return {
    show: (build) => (keepMs === 0 ? new Present(build) : new Remembered(build, now, keepMs, dirty)),
    flush() {
      if (dirty.size === 0) return
      for (const one of dirty) one.refresh()
      dirty.clear()
    },
  }
}

class Present<View> implements Shown<View> {
  readonly #build: () => View
  #view: View | undefined

  constructor(build: () => View) {
    this.#build = build
  }

  touch(): void {
    this.#view = undefined
  }

  now(): View {
    return (this.#view ??= this.#build())
  }

  at(): Lagging<View> {
    return { view: this.now(), stale: false, backwards: false }
  }
}

class Remembered<View> implements Shown<View> {
  readonly #build: () => View
  readonly #now: () => number
  readonly #keepMs: number
  readonly #dirty: Set<{ refresh(): void }>
  #past: Past<View>[] = []
  #fresh = false
  #lastShownSince = 0

  constructor(build: () => View, now: () => number, keepMs: number, dirty: Set<{ refresh(): void }>) {
    this.#build = build
    this.#now = now
    this.#keepMs = keepMs
    this.#dirty = dirty
  }

  touch(): void {
    this.#fresh = false
    this.#dirty.add(this)
  }

  refresh(): void {
    const since = this.#now()
    const from = since - this.#keepMs
    // What was in force when the lag began is still needed; what came before it is not.
    while (this.#past.length > 1 && this.#past[1]!.since <= from) this.#past.shift()
    if (this.#past.at(-1)?.since === since) this.#past.pop()
    this.#past.push({ since, view: this.#build() })
    this.#fresh = true
  }

  now(): View {
    if (!this.#fresh) this.refresh()
    const latest = this.#past.at(-1)!
    this.#lastShownSince = latest.since
    return latest.view
  }

  at(moment: number, mayGoBack: boolean): Lagging<View> {
    if (!this.#fresh) this.refresh()
    const before = this.#lastShownSince
    const oldest = mayGoBack ? moment : Math.max(moment, before)
    const past = this.#past.findLast((one) => one.since <= oldest) ?? this.#past[0]!
    this.#lastShownSince = past.since
    return { view: past.view, stale: past !== this.#past.at(-1), backwards: past.since < before }
  }
}
