import { blueGreen, canary, rolling, type Strategy } from 'imago'
import type { Behaviour } from '../../examples/images/build.ts'

/** A way that a rollout can go when nobody is killed: as quick as it can be. */
export interface Course {
  readonly name: string
  readonly strategy: Strategy<'weights' | 'nothing', never>
  /** What is wrong with the image. @default - nothing */
  readonly behaviour?: Behaviour
  /** How long its instances may take to become healthy. @default '20s' */
  readonly startup?: '1500ms'
  readonly outcome: 'promoted' | 'rolled-back'
}

const healthyFor = '200ms'
const analysis = {
  metrics: [{ source: 'balancer', query: 'error-rate', of: 'candidate', must: { op: '<', value: 0.05 } }],
  interval: '500ms',
  window: '2s',
  count: 1,
  deadline: '60s',
} as const

/** The courses that the tests draw from. */
export const courses: readonly Course[] = [
  { name: 'canary', strategy: canary({ weights: [25, 50], bake: '300ms', healthyFor }), outcome: 'promoted' },
  { name: 'blue-green', strategy: blueGreen({ bake: '500ms', healthyFor }), outcome: 'promoted' },
  { name: 'rolling', strategy: rolling({ maxSurge: 2, healthyFor }), outcome: 'promoted' },
  {
    name: 'canary of a broken image',
    strategy: canary({ weights: [25, 50], bake: '300ms', healthyFor, analysis }),
    behaviour: { failShare: 0.5 },
    outcome: 'rolled-back',
  },
  {
    name: 'blue-green of an image that never becomes healthy',
    strategy: blueGreen({ bake: '500ms', healthyFor }),
    behaviour: { healthy: false },
    startup: '1500ms',
    outcome: 'rolled-back',
  },
]
