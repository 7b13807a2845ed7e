import { setTimeout as sleep } from 'node:timers/promises'
import { drive, type World } from '../world/index.ts'

/** How time passes where an adapter lives. */
export interface ContractTime {
  /** The time there, epoch milliseconds. */
  now(): number
  /** Lets time pass. */
  pass(ms: number): Promise<void>
  /** Lets time pass until a promise has settled. */
  settled<T>(promise: Promise<T>): Promise<T>
}

/** Longest time for which a call may go unanswered in a simulation. */
const ANSWERS_WITHIN_MS = 600_000

/** Time on the wall. */
export const realTime: ContractTime = {
  now: () => Date.now(),
  pass: (ms) => sleep(ms),
  settled: (promise) => promise,
}

/** A simulated world's time, which passes only while somebody waits for it. */
export function worldTime(world: World): ContractTime {
  return {
    now: () => world.now,
    pass: (ms) => drive(world, world.clock.sleep(ms)),
    settled: (promise) => drive(world, promise, world.now + ANSWERS_WITHIN_MS),
  }
}
