import type { Images } from './images.ts'
import type { Timer } from './queue.ts'
import type { Random } from './random.ts'
import type { Cause } from './trace.ts'

/** Time that goes from event to event. */
export interface Timeline {
  /** The present moment, epoch milliseconds. */
  readonly now: number
  /** Lets something happen at a moment, not before now. Its cause is the present one unless another is given. */
  schedule(at: number, run: () => void, cause?: Cause): Timer
}

/** What machines need of the world they are in. */
export interface Surroundings extends Timeline {
  /** What the changes of this moment are due to. */
  readonly cause: Cause
  readonly images: Images
  /** A stream of chance with a name of its own. */
  random(name: string): Random
  /** Says what has changed just now. */
  record(what: string): void
}
