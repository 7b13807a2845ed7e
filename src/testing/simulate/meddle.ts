import { isRolloutError } from '../../core/errors.ts'
import type { Rollout } from '../../engine/rollout.ts'
import { UNHARMED } from './mortal.ts'
import { spawn, type Stage } from './stage.ts'
import type { Meddling } from './scenario.ts'

/** Lets the drawn people do what they do, at their moments, from a process of their own. */
export function meddle(stage: Stage, rollout: Rollout): void {
  const { world, scenario } = stage
  for (const one of scenario.meddling) world.schedule(world.now + one.atMs, () => void act(stage, rollout.id, one))
}

async function act(stage: Stage, id: string, one: Meddling): Promise<void> {
  try {
    await does(stage, id, one)
  } catch (error) {
    // It had ended, the group was gone, or the store was away: people try, and then they do not.
    if (!isRolloutError(error)) throw error
  }
}

async function does(stage: Stage, id: string, { kind }: Meddling): Promise<void> {
  const { people, truth } = stage.cloud
  const state = { groups: [...truth.groups.values()].filter((group) => group.id.startsWith('web')) }
  const candidate = state.groups.find((group) => group.createdBy !== undefined)
  switch (kind) {
    case 'resize':
      return people.resize(state.groups[0]?.id ?? 'web', stage.scenario.size + 2)
    case 'set-weights':
      return setWeights(stage)
    case 'delete-candidate':
      return candidate === undefined ? undefined : people.deleteGroup(candidate.id)
    case 'delete-stable':
      return state.groups.length < 2 ? undefined : people.deleteGroup('web')
    case 'pause':
    case 'abort':
    case 'rollback':
    case 'promote':
      return await ask(stage, id, kind)
  }
}

function setWeights({ cloud, scenario }: Stage): void {
  for (const fleet of cloud.truth.fleets.values()) {
    const bindings = [...fleet.routes.keys()]
    if (bindings.length < 2) continue
    const units = scenario.cloud.router === false ? 100 : (scenario.cloud.router?.units ?? 100)
    const half = Math.floor(units / 2)
    cloud.people.setWeights(fleet.id, { [bindings[0] ?? '']: units - half, [bindings[1] ?? '']: half })
  }
}

async function ask(stage: Stage, id: string, kind: 'pause' | 'abort' | 'rollback' | 'promote'): Promise<void> {
  const rollout = await spawn(stage, 'person', UNHARMED).imago.rollout(id)
  await rollout[kind]({ by: 'ada', reason: 'drawn' })
  if (kind !== 'pause') return
  await stage.world.clock.sleep(600_000)
  await rollout.resume({ by: 'ada' })
}
