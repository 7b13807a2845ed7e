import type { Clock } from '../core/ports.ts'
import type { System } from '../engine/system.ts'
import { worldClock, type Random, type World } from './world/index.ts'

/** What a process of a simulated world has of its own. */
export interface WorldSystemOptions {
  /** @default - the world's */
  readonly clock?: Clock
  /** @default - drawn from the world's seed and the name */
  readonly random?: Random
  /** Who asks where nobody is named. @default 'simulator' */
  readonly user?: string
}

/** The machine that a process of a simulated world runs on, for `createImago`; its name is what other controllers see. */
export function worldSystem(world: World, name: string, options: WorldSystemOptions = {}): System {
  const { clock = worldClock(world), random = world.random(name), user = 'simulator' } = options
  return {
    clock,
    controller: { id: name, name },
    user,
    random: () => random.next(),
    isDead: () => false,
    secret: (length) => Uint8Array.from({ length }, () => random.whole(0, 255)),
  }
}
