import { inRole } from '../capacity.ts'
import type { GenerationLook, Look } from '../look.ts'
import type { Role } from '../shape.ts'
import type { RolloutState } from '../state.ts'

/** Sizes towards a waypoint, with what else runs in the group reckoned in. */
export interface Sizes {
  readonly roles: Readonly<Partial<Record<Role, number>>>
  /** What stays of each generation that runs beside in the group. */
  readonly beside: ReadonlyMap<string, number>
}

const NOTHING_BESIDE: ReadonlyMap<string, number> = new Map()

/**
 * What an earlier rollout left running in a group whose instances are replaced in place serves as stable does: it carries
 * a part of stable's share and goes before stable goes. On the way back stable alone carries all of it.
 */
export function withBeside(state: RolloutState, look: Look, roles: Sizes['roles']): Sizes {
  const others = runsBeside(state, look)
  if (others.length === 0) return { roles, beside: NOTHING_BESIDE }
  const beside = new Map<string, number>()
  let share = roles.stable ?? 0
  for (const one of others) {
    const spared = state.aim === 'forward' ? share - (inRole(state, look, 'stable')?.desired ?? 0) : 0
    const kept = state.aim === 'abort' ? one.desired : Math.max(0, Math.min(one.desired, spared))
    beside.set(one.state.id, kept)
    if (state.aim === 'forward') share -= kept
  }
  return { roles: roles.stable === undefined ? roles : { ...roles, stable: share }, beside }
}

/** Generations beside stable and the candidate in the group of a fleet whose instances are replaced in place. */
export function runsBeside(state: RolloutState, look: Look): readonly GenerationLook[] {
  if (state.plan.fleet.placement.kind !== 'in-place') return []
  return look.generations.filter((one) => one.state.role === 'leftover')
}
