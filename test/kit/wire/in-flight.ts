import { setImmediate as breath } from 'node:timers/promises'

/** Turns of Node's own loop in which an answer that has come is made use of. */
const BREATHS = 8

/** Calls that are on a wire. */
export interface InFlight {
  /** Counts a call while it is under way. */
  during<T>(call: () => Promise<T>): Promise<T>
  /** Until every answer that is on its way has come, and was made use of. What is held waits for the world. */
  silence(): Promise<void>
}

/** @param held lines of calls that only the world's time brings on. */
export function callsInFlight(held: ReadonlySet<object>): InFlight {
  let count = 0
  return {
    async during(call) {
      count++
      try {
        return await call()
      } finally {
        count--
      }
    },
    async silence() {
      for (let idle = 0; idle < BREATHS; idle = count > held.size ? 0 : idle + 1) await breath()
    },
  }
}
