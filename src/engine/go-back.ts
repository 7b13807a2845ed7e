import { strategyOf } from '../strategies/by-name.ts'
import { planRollout } from './make-plan.ts'
import type { GoBack } from './registry.ts'
import type { Runtime } from './runtime.ts'
import { startRollout } from './start.ts'

/** The way back of a rollout that has ended: a rollout of the release that was before it, image and settings. */
export function goBackWith(runtime: Runtime): GoBack {
  return async (registry, state, asked) => {
    const { stable, fleet: planned } = state.plan
    const fleet = registry.declared(planned.name)
    const spec = { image: stable.release.image, strategy: strategyOf(state.plan) }
    const plan = await planRollout(runtime, registry, fleet, spec, { base: stable.release })
    return registry.handle(await registry.track(await startRollout(runtime, registry, fleet, plan, asked), 'start'))
  }
}
