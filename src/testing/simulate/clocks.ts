import type { World } from '../world/index.ts'

/** Clocks that are not the world's. */
export interface Clocks {
  /** How far the store's clock is ahead now. */
  storeSkewMs(): number
  /** How far the processes' wall clocks are ahead now. */
  ownSkewMs(): number
  /** How much the store's clock has jumped in all, in either direction. */
  jumpedMs(): number
  /** How often any of them has jumped. */
  readonly jumps: number
}

/** The store's clock is set right by steps; a process's own may be anywhere. */
const LARGEST_STORE_STEP_MS = 30_000
const LARGEST_OWN_STEP_MS = 3_600_000
const EVERY_MS = 240_000

/** Lets clocks jump from time to time until a moment; or never, and they are the world's. */
export function createClocks(world: World, jumping: boolean, untilAt: number): Clocks {
  const random = world.random('clocks')
  let [store, own, jumped, jumps] = [0, 0, 0, 0]
  const jump = () => {
    const next = world.now >= untilAt ? 0 : random.whole(-LARGEST_STORE_STEP_MS, LARGEST_STORE_STEP_MS)
    jumped += Math.abs(next - store)
    store = next
    own = random.whole(-LARGEST_OWN_STEP_MS, LARGEST_OWN_STEP_MS)
    jumps++
    if (world.now < untilAt) world.schedule(world.now + random.whole(1, EVERY_MS), jump)
  }
  if (jumping) world.schedule(world.now + random.whole(1, EVERY_MS), jump)
  return {
    storeSkewMs: () => store,
    ownSkewMs: () => own,
    jumpedMs: () => jumped,
    get jumps() {
      return jumps
    },
  }
}
