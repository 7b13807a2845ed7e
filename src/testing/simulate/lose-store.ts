import { isRolloutError } from '../../core/errors.ts'
import type { Plan } from '../../core/plan.ts'
import type { Rollout } from '../../engine/rollout.ts'
import { UNHARMED } from './mortal.ts'
import { spawn, type Stage } from './stage.ts'

/** After this no call of a controller of the lost store can land any more. */
const QUIET_MS = 180_000
const AGAIN_MS = 60_000
const ATTEMPTS = 40

/**
 * The store is lost (24). A person waits until nothing of the old controllers can land, then rebuilds the rollout from
 * marks and world and lets it go on; where nothing is to be rebuilt, the rollout is planned anew.
 *
 * @returns the plan that holds from then on; `undefined` when nothing could be planned.
 */
export async function makeUpForLoss(stage: Stage): Promise<Plan | undefined> {
  const { world, counts } = stage
  stage.rolloutId = undefined
  stage.loseStore()
  counts.faults[24] = 1
  await world.clock.sleep(QUIET_MS)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const rollout = await tryAgain(stage)
    if (rollout !== undefined) {
      stage.rolloutId = rollout.id
      return rollout.state.plan as Plan
    }
    await world.clock.sleep(AGAIN_MS)
  }
  return undefined
}

async function tryAgain(stage: Stage): Promise<Rollout | undefined> {
  const { fleet } = spawn(stage, 'person', UNHARMED)
  const owner = claimant(stage)
  const takeOver = owner === undefined ? {} : { takeOver: owner }
  try {
    const rollout = await fleet.import({ ...takeOver, by: 'ada', reason: 'the store was lost' })
    await rollout.resume({ by: 'ada' })
    return rollout
  } catch (error) {
    if (!isRolloutError(error)) throw error
    if (error.code !== 'adoption-refused') return undefined
  }
  try {
    return await fleet.start(await fleet.plan({ image: 'img-2', strategy: stage.spec.strategy, ...takeOver }), { by: 'ada' })
  } catch (error) {
    if (!isRolloutError(error)) throw error
    return undefined
  }
}

function claimant({ cloud }: Stage): string | undefined {
  for (const group of cloud.truth.groups.values())
    if (group.id !== 'other') for (const hold of group.holds) if (hold.kind === 'claim') return hold.owner
  return undefined
}
