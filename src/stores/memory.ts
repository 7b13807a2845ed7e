import { randomUUID } from 'node:crypto'
import type { JsonObject, Json } from '../core/json.ts'
import type { AppendResult, Cell, RolloutStore } from '../core/ports.ts'

/** How a memory store is made. */
export interface MemoryOptions {
  /** Its clock, epoch milliseconds. @default - this machine's */
  readonly now?: () => number
  /** Which store it says it is. @default - another for each store */
  readonly id?: string
}

/** A store that ends with the process: for tests, and for those who ask for it by name. Several imagos may share one. */
export function memoryStore(options: MemoryOptions = {}): RolloutStore {
  const now = options.now ?? (() => Date.now())
  const streams = new Map<string, Stored<JsonObject>[]>()
  const cells = new Map<string, { readonly version: string; readonly stored: Stored<Json> }>()
  let versions = 0
  return {
    contract: 1,
    kind: 'memory',
    id: options.id ?? `memory:${randomUUID()}`,
    append(stream, atSeq, entries): Promise<AppendResult> {
      const log = streams.get(stream) ?? []
      if (log.length !== atSeq - 1) return Promise.resolve('taken')
      if (entries.length > 0) streams.set(stream, log)
      for (const entry of entries) log.push(new Stored(entry))
      return Promise.resolve('appended')
    },
    read: (stream, fromSeq) =>
      Promise.resolve((streams.get(stream) ?? NONE).slice(Math.max(0, fromSeq - 1)).map((entry) => entry.value)),
    list: (prefix) => Promise.resolve([...streams.keys()].filter((name) => name.startsWith(prefix)).sort()),
    now: () => Promise.resolve(now()),
    get: (key): Promise<Cell | undefined> => {
      const cell = cells.get(key)
      return Promise.resolve(cell === undefined ? undefined : { version: cell.version, value: cell.stored.value })
    },
    compareAndSet(key, expected, value) {
      if (cells.get(key)?.version !== expected) return Promise.resolve('lost')
      if (value === null) cells.delete(key)
      else cells.set(key, { version: String(++versions), stored: new Stored(value) })
      return Promise.resolve('set')
    },
    close: () => Promise.resolve(),
  }
}

const NONE: readonly Stored<JsonObject>[] = []

/** A value as text, and once somebody reads it frozen: nobody can change it through what was handed in or out. */
class Stored<Value extends Json> {
  #text: string
  #value: Value | undefined

  constructor(value: Value) {
    this.#text = JSON.stringify(value)
  }

  get value(): Value {
    if (this.#value === undefined) {
      this.#value = frozen(JSON.parse(this.#text) as Value)
      this.#text = ''
    }
    return this.#value
  }
}

function frozen<Value extends Json>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
