import type { RolloutEvent } from '../../core/events.ts'
import { isRolloutError } from '../../core/errors.ts'
import { UNHARMED } from './mortal.ts'
import type { Meddling } from './model.ts'
import { BYSTANDERS, spawn, type Stage } from './stage.ts'

/** How soon after it a person thinks better of what was done. */
const SECOND_THOUGHTS_MS = 3_000

/** Lets the drawn people do what they do, at their moments, from a process of their own. */
export function meddle(stage: Stage): void {
  const { world, model } = stage
  for (const one of model.trouble.meddling) world.schedule(world.now + one.atMs, () => void act(stage, one))
}

async function act(stage: Stage, one: Meddling): Promise<void> {
  if (stage.over) return
  try {
    await does(stage, one)
  } catch (error) {
    // It had ended, the group was gone, or the store was away: people try, and then they do not.
    if (!isRolloutError(error)) throw error
  }
}

async function does(stage: Stage, { kind }: Meddling): Promise<void> {
  const { people, truth } = stage.cloud
  const groups = [...truth.groups.values()].filter((group) => !BYSTANDERS.some((id) => id === group.id))
  const candidate = groups.find((group) => group.createdBy !== undefined)
  switch (kind) {
    case 'resize':
      return people.resize(groups[0]?.id ?? 'web', stage.spec.size + 2)
    case 'set-weights':
      return setWeights(stage)
    case 'delete-candidate':
      return candidate === undefined ? undefined : people.deleteGroup(candidate.id)
    case 'delete-stable':
      return groups.length < 2 ? undefined : people.deleteGroup('web')
    case 'start-another':
      return await startAnother(stage)
    case 'sicken-stable':
      return sickenStable(stage)
    case 'rollback-late':
      await condemned(stage)
      return await ask(stage, 'rollback')
    case 'pause':
    case 'abort':
    case 'rollback':
    case 'promote':
      return await ask(stage, kind)
  }
}

function setWeights({ cloud, model }: Stage): void {
  for (const fleet of cloud.truth.fleets.values()) {
    const bindings = [...fleet.routes.keys()]
    if (bindings.length < 2) continue
    const units = model.cloud.router === false ? 100 : (model.cloud.router?.units ?? 100)
    const half = Math.floor(units / 2)
    cloud.people.setWeights(fleet.id, { [bindings[0] ?? '']: units - half, [bindings[1] ?? '']: half })
  }
}

/** Waits until a generation is to leave its route as a whole, which a slot never does, or to be emptied; or the rollout has ended. */
async function condemned(stage: Stage): Promise<void> {
  const begun = (event: RolloutEvent) =>
    event.type === 'command.intended' &&
    (event.command.kind === 'retire' || (event.command.kind === 'leave' && event.command.instances === 'all'))
  while (!ended(stage) && !stage.calm && !stage.book.journal.some(begun)) await stage.world.clock.sleep(SECOND_THOUGHTS_MS)
}

async function ask(stage: Stage, kind: 'pause' | 'abort' | 'rollback' | 'promote'): Promise<void> {
  if (stage.rolloutId === undefined) return
  const rollout = await spawn(stage, 'person', UNHARMED).imago.rollout(stage.rolloutId)
  await rollout[kind]({ by: 'ada', reason: 'drawn' })
  if (kind !== 'pause') return
  await stage.world.clock.sleep(600_000)
  await rollout.resume({ by: 'ada' })
}

/** A new revision in the middle of a rollout (33) is refused by the name of the one that runs. */
async function startAnother(stage: Stage): Promise<void> {
  const { fleet } = spawn(stage, 'person', UNHARMED)
  const before = stage.book
  if (stage.rolloutId === undefined || ended(stage)) return
  stage.counts.faults[33] = (stage.counts.faults[33] ?? 0) + 1
  const { images, otherLaunch } = stage.playground
  const wanted = { image: images[1], launch: otherLaunch, strategy: stage.spec.strategy }
  const other = await fleet.plan(wanted).then((plan) => fleet.start(plan))
  if (ended(stage) || stage.book !== before) return
  stage.complaints.push({ invariant: 'I11', what: `${other.id} was started while ${stage.rolloutId} had not ended` })
}

function ended({ book }: Stage): boolean {
  return book.journal.some((event) => event.type === 'rollout.finished')
}

/** What a rollback goes back to does not answer either (35): its instances flap for a few minutes. */
function sickenStable({ cloud, world, counts, book }: Stage): void {
  const begun = book.journal[0]
  if (begun?.type !== 'rollout.started' || !book.journal.some((event) => event.type === 'rollback.started')) return
  const stable = cloud.truth.groups.get(begun.plan.stable.group)
  const well = (stable?.instances ?? []).filter((one) => one.machine.release === begun.plan.stable.release.id && !one.terminating)
  if (well.length === 0) return
  counts.faults[35] = (counts.faults[35] ?? 0) + 1
  world.because({ kind: 'fault', name: 'stable is sick', fault: 35 }, () => {
    for (const one of well) if (one.machine.state === 'healthy') world.machines.flap(one.machine.id, 120_000)
  })
}
