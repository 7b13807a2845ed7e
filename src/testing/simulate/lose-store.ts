import { isRolloutError } from '../../core/errors.ts'
import type { Plan } from '../../core/plan.ts'
import type { Fleet } from '../../engine/fleet.ts'
import type { Rollout } from '../../engine/rollout.ts'
import { UNHARMED } from './mortal.ts'
import { BYSTANDERS, spawn, type Stage } from './stage.ts'

/** After this no call of a controller of the lost store can land any more. */
const QUIET_MS = 180_000
const AGAIN_MS = 60_000
/** How long a mark is good for, and then some. */
const MARKS_LAST_MS = 4_000_000
const ATTEMPTS = 40

/** What a person makes of a fleet whose store was lost. */
type MadeUp =
  /** The rollout was rebuilt, or planned anew: the plan that holds from then on. */
  | { readonly plan: Plan }
  /** The fleet runs the new image already: what was left is swept. */
  | { readonly swept: true }

/**
 * The store is lost (24). A person waits until nothing of the old controllers can land, then rebuilds the rollout from
 * marks and world and lets it go on; where nothing is to be rebuilt it is planned anew, or swept.
 *
 * @returns `undefined` when none of it could be done.
 */
export async function makeUpForLoss(stage: Stage): Promise<MadeUp | undefined> {
  const { world, counts } = stage
  stage.rolloutId = undefined
  stage.loseStore()
  counts.faults[24] = 1
  await world.clock.sleep(QUIET_MS)
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const done = await tryAgain(stage)
    if (done === 'gone') {
      clearAway(stage)
      return { swept: true }
    }
    if (done !== undefined && done !== 'serves already') {
      stage.rolloutId = done.id
      return { plan: done.state.plan as Plan }
    }
    // Where it cannot be swept, because somebody has made a group serve again, it can be rebuilt.
    if (done === 'serves already' && (await isSwept(stage))) return { swept: true }
    await world.clock.sleep(AGAIN_MS)
  }
  return undefined
}

async function tryAgain(stage: Stage): Promise<Rollout | 'serves already' | 'gone' | undefined> {
  const { fleet, imago } = spawn(stage, 'person', UNHARMED)
  const owner = claimant(stage)
  const takeOver = owner === undefined ? {} : { takeOver: owner }
  try {
    const rollout = await fleet.import({ ...takeOver, by: 'ada', reason: 'the store was lost' })
    await rollout.resume({ by: 'ada' })
    return rollout
  } catch (error) {
    if (!isRolloutError(error)) throw error
    // It was begun after all, though its beginner was told otherwise.
    if (isRolloutError(error, 'rollout-in-progress')) return await imago.rollout(error.facts.rolloutId).catch(nothing)
    // Somebody deleted all of it.
    if (isGone(stage)) return 'gone'
    if (error.code !== 'adoption-refused') return undefined
  }
  try {
    return await planAnew(stage, fleet, takeOver)
  } catch (error) {
    if (!isRolloutError(error)) throw error
    if (isRolloutError(error, 'adoption-refused')) {
      join(stage, error.facts.found)
      const stable = /\{ stable: '([^']+)' \}/.exec(error.facts.choices.join())?.[1]
      if (stable !== undefined) return await chosen(stage, stable, takeOver)
      if (error.facts.choices.some((one) => one.startsWith('sweep'))) return 'serves already'
    }
    return error.code === 'unsupported' || error.code === 'spec-invalid' ? 'serves already' : undefined
  }
}

async function planAnew({ playground, spec }: Stage, fleet: Fleet, takeOver: { readonly takeOver?: string }): Promise<Rollout> {
  return await fleet.start(await fleet.plan({ image: playground.images[1], strategy: spec.strategy, ...takeOver }), { by: 'ada' })
}

/** Of several releases in one group the person says which one is stable. */
async function chosen(stage: Stage, stable: string, takeOver: { readonly takeOver?: string }): Promise<Rollout | undefined> {
  const { groups } = stage.spec
  if (groups.kind !== 'in-place') return undefined
  const { fleet } = spawn(stage, 'person', UNHARMED, { ...groups, stable })
  return await planAnew(stage, fleet, takeOver).catch(nothing)
}

/** What is told to be joined to a route is. */
function join({ cloud }: Stage, found: string): void {
  const group = /^(\S+), to which no route/.exec(found)?.[1]
  if (group !== undefined) cloud.people.join(group)
}

/** Whether no group is left that may ever serve again. */
function isGone(stage: Stage): boolean {
  return ownGroups(stage).every(({ retiring, max }) => retiring || max === 0)
}

/** A group that was emptied for good stays where its controller did not live to delete it, and goes by hand. */
function clearAway(stage: Stage): void {
  for (const { id, retiring } of ownGroups(stage)) if (!retiring) stage.cloud.people.deleteGroup(id)
}

function ownGroups({ cloud }: Stage) {
  return [...cloud.truth.groups.values()].filter(({ id }) => !BYSTANDERS.some((one) => one === id))
}

/** Whether nothing of the old rollout is left, once its marks have run out. */
async function isSwept(stage: Stage): Promise<boolean> {
  await stage.world.clock.sleep(MARKS_LAST_MS / 2)
  const swept = (await spawn(stage, 'person', UNHARMED).imago.sweep({ by: 'ada' }).catch(nothing))?.[0]
  return stage.calm && swept !== undefined && swept.skipped === undefined && !isMarked(stage)
}

function nothing(error: unknown): undefined {
  if (!isRolloutError(error)) throw error
  return undefined
}

/** Marks of one rollout run out one after the other. */
function isMarked({ cloud }: Stage): boolean {
  return [...cloud.truth.groups.values()].some((group) => group.id !== 'other' && group.holds.length > 0)
}

function claimant({ cloud }: Stage): string | undefined {
  for (const group of cloud.truth.groups.values()) for (const hold of group.holds) if (hold.kind === 'claim') return hold.owner
  return undefined
}
