import { strategyOf } from '../strategies/by-name.ts'
import { planRollout } from './make-plan.ts'
import type { GoBack } from './registry.ts'
import { startRollout } from './start.ts'

/** The way back of a rollout that has ended: a rollout of the release that was before it, image and settings. */
export const goBack: GoBack = async (runtime, registry, state, asked, signal) => {
  const { stable, fleet: planned } = state.plan
  const fleet = registry.declared(planned.name)
  const spec = { image: stable.release.image, strategy: strategyOf(state.plan) }
  const plan = await planRollout(runtime, registry, fleet, spec, { base: stable.release, signal })
  const rolloutId = await startRollout(runtime, registry, fleet, plan, { ...asked, signal })
  return registry.handle(await registry.track(rolloutId, signal, 'start'))
}
