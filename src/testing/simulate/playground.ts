import type { JsonObject } from '../../core/json.ts'
import type { FleetProvider, TrafficRouter } from '../../core/ports.ts'
import { createCloud, type Cloud, type CloudOptions, type People } from '../cloud/index.ts'
import { drive, type World } from '../world/index.ts'
import type { AdapterTrace } from './checkers/index.ts'
import type { Life } from './mortal.ts'

/** A cloud's ports, as one process has them. */
export interface Ports {
  readonly provider: FleetProvider
  /** @default - the fleet has no router */
  readonly router?: TrafficRouter | undefined
}

/** A cloud that a run is played on, and the truth about it. */
export interface PlayedCloud extends Pick<Cloud, 'truth' | 'faults' | 'checks' | 'metrics'> {
  readonly people: Pick<People, 'resize' | 'setWeights' | 'join' | 'deleteGroup'>
  /** What a process begins with, none of which another one shares; what it sends by itself, it sends as this life. */
  ports(life: Life): Ports
  /** Lets its world go on until a promise has settled, as {@link drive} does. */
  drive<T>(promise: Promise<T>, untilAt?: number): Promise<T>
  /** What the adapter has written now and no look shows. @default - looks show all of it */
  traces?(): readonly AdapterTrace[]
  /** Frees what is not of its world. @default - nothing is */
  close?(): Promise<void>
}

/** Where a run is played: what puts a cloud on its world. */
export interface Playground {
  /** The image that a fleet runs, and the one that is rolled through it. */
  readonly images: readonly [string, string]
  /** Launch settings that are not those of the fleet. */
  readonly otherLaunch: JsonObject
  /** Puts a cloud on a world that has the images. */
  open(world: World, options: CloudOptions): Promise<PlayedCloud>
}

/** The simulated cloud, called without any wire. */
export const simulatedCloud: Playground = {
  images: ['img-1', 'img-2'],
  otherLaunch: { size: 'other' },
  async open(world, options) {
    const { provider, router, ...cloud } = createCloud(world, options)
    return {
      ...cloud,
      ports: () => ({ provider, router }),
      drive: (promise, untilAt) => drive(world, promise, untilAt),
    }
  },
}
