import type { Plan } from '../core/plan.ts'
import { blueGreen, type BlueGreenOptions } from './blue-green.ts'
import { canary, type CanaryOptions } from './canary.ts'
import { rolling, type RollingOptions } from './rolling.ts'
import { byWeights, type PlanContext, type Strategy } from './strategy.ts'

/** The built-in strategy that made a plan, from what the plan says of it; `undefined` for one of somebody's own, which is code. */
export function builtIn({ strategy: { name, options } }: Pick<Plan, 'strategy'>): Strategy | undefined {
  if (name === 'blue-green') return blueGreen(options as BlueGreenOptions)
  if (name === 'canary') return canary(options as unknown as CanaryOptions)
  if (name === 'rolling') return rolling(options as RollingOptions)
  return undefined
}

/** The same; in the place of one of somebody's own comes blue/green where the plan routes by weights, rolling where it does not. */
export function strategyOf(plan: Pick<Plan, 'strategy' | 'back'>): Strategy {
  return builtIn(plan) ?? (plan.back[0]?.shape.routing.by === 'weights' ? blueGreen() : rolling())
}

/** The strategy for a rollout that nobody chose one for: blue/green where the router has weights, else rolling. */
export function defaultStrategy(context: PlanContext): Strategy {
  return byWeights(context) ? blueGreen() : rolling()
}
