import type { RolloutStore } from '../core/ports.ts'
import type { Caller } from './calls.ts'
import { unlessLetGo } from './deadline.ts'

/** The store as the engine asks it: each call is classified, published, repeated where that is harmless, and let go of by a signal. */
export interface StoreCalls extends Omit<RolloutStore, 'contract' | 'kind' | 'close'> {
  /** The same store, asked by another caller; when the signal aborts, what the store has not answered is left to itself. */
  within(caller: Caller, signal: AbortSignal): StoreCalls
}

const READS = 3
/** Refused for now, a write is tried once more; one whose outcome is unknown is for its caller to resolve. */
const WRITES = 2

/** A store behind a caller. */
export function storeCalls(store: RolloutStore, caller: Caller, signal?: AbortSignal): StoreCalls {
  const call = <T>(name: string, times: number, body: () => Promise<T>) =>
    caller.call({ port: 'store', target: store.kind, name, times }, () => unlessLetGo(signal, name, body), signal)
  return {
    get id() {
      return store.id
    },
    append: (stream, atSeq, entries) => call('append', WRITES, () => store.append(stream, atSeq, entries)),
    read: (stream, fromSeq) => call('read', READS, () => store.read(stream, fromSeq)),
    list: (prefix) => call('list', READS, () => store.list(prefix)),
    now: () => call('now', READS, () => store.now()),
    get: (key) => call('get', READS, () => store.get(key)),
    compareAndSet: (key, expected, value) => call('compareAndSet', WRITES, () => store.compareAndSet(key, expected, value)),
    within: (other, over) => storeCalls(store, other, over),
  }
}
