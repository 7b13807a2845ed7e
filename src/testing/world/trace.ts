/** Why something in the world changed. */
export interface Cause {
  readonly kind: 'set-up' | 'time' | 'call' | 'fault' | 'person' | 'autoscaler' | 'self-healing' | 'updater' | 'image'
  /** The call's token, the group, the image: whatever tells this cause from others of its kind. */
  readonly name: string
  /** The number of the fault. */
  readonly fault?: number
}

/** One change of the truth. */
export interface TraceEntry {
  /** Moment of the world. */
  readonly at: number
  readonly cause: Cause
  readonly what: string
}

/** The latest changes of the world, for a failure that a person reads. */
export interface Trace {
  readonly entries: readonly TraceEntry[]
  /** One line a change: moment since the world began, cause, what. */
  toString(): string
}

/** A trace that remembers the latest `length` entries, or a few more. */
export class Recorder implements Trace {
  #entries: TraceEntry[] = []
  readonly #length: number
  readonly #beganAt: number

  constructor(length: number, beganAt: number) {
    this.#length = length
    this.#beganAt = beganAt
  }

  get entries(): readonly TraceEntry[] {
    return this.#entries
  }

  add(at: number, cause: Cause, what: string): void {
    this.#entries.push({ at, cause, what })
    // Forgetting half at once makes forgetting free.
    if (this.#entries.length >= this.#length * 2) this.#entries = this.#entries.slice(-this.#length)
  }

  toString(): string {
    return this.#entries
      .map(
        ({ at, cause, what }) => `${((at - this.#beganAt) / 1_000).toFixed(3).padStart(11)} s  ${what}  <- ${formatCause(cause)}`,
      )
      .join('\n')
  }
}

/** A cause in words: `call r1/c3`, `fault 8`. */
export function formatCause({ kind, name, fault }: Cause): string {
  return [kind, ...(fault === undefined ? [] : [String(fault)]), ...(name === '' ? [] : [name])].join(' ')
}
