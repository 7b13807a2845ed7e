import { isRolloutError, type ErrorCode, type RolloutError, type RolloutStore } from 'imago'
import { memoryStore } from 'imago/stores/memory'
import {
  createCloud,
  createWorld,
  drive,
  worldClock,
  type Cloud,
  type CloudOptions,
  type ImageBehaviour,
  type World,
} from 'imago/testing'

/** What a test changes of a site: anything of its cloud, and these. */
export interface SiteOptions extends Partial<CloudOptions> {
  /** Instances of the fleet. @default 3 */
  readonly size?: number
  /** What the new image, `img-2`, is like. @default { kind: 'good' } */
  readonly image?: ImageBehaviour
}

/** A simulated cloud with a healthy fleet that runs `img-1`, and a store that outlives the processes which use it. */
export interface Ground {
  readonly world: World
  readonly cloud: Cloud
  readonly store: RolloutStore
  /** An empty store on the world's clock. */
  newStore(): RolloutStore
  /** Passes simulated time until the promise has settled. */
  settled<T>(promise: Promise<T>): Promise<T>
  pass(ms: number): Promise<void>
  /** The error that a promise ends with; one that does not, or otherwise, fails the test. */
  refused<C extends ErrorCode = ErrorCode>(promise: Promise<unknown>, code?: C): Promise<RolloutError<C>>
}

const WEEK_MS = 604_800_000
/** Beside the new one. */
const IMAGES = { 'img-1': { kind: 'good' }, 'img-3': { kind: 'good' }, 'img-sick': { kind: 'never-healthy' } } as const

/** Sets up what a site stands on. */
export function createGround({ size = 3, image = { kind: 'good' }, ...options }: SiteOptions): Ground {
  const world = createWorld({ seed: 7, bootMs: [20_000, 20_000], demand: () => size * 0.9 })
  for (const [name, behaviour] of Object.entries({ ...IMAGES, 'img-2': image })) world.images.publish(name, behaviour)
  const cloud = createCloud(world, { fleets: [{ groups: [{ id: 'web', image: 'img-1', size }] }], ...options })
  world.runUntil(world.now + 300_000)
  let stores = 0
  const newStore = () => memoryStore({ now: () => world.now, id: `store ${++stores}` })
  const settled = <T>(promise: Promise<T>) => drive(world, promise, world.now + WEEK_MS)
  return {
    world,
    cloud,
    store: newStore(),
    newStore,
    settled,
    pass: (ms) => drive(world, worldClock(world).sleep(ms)),
    async refused<C extends ErrorCode>(promise: Promise<unknown>, code?: C) {
      const error = await settled(
        promise.then(
          () => undefined,
          (reason: unknown) => reason,
        ),
      )
      if (!isRolloutError(error, code)) throw new Error(`expected ${code ?? 'a refusal'}, got ${String(error)}`, { cause: error })
      return error
    },
  }
}
