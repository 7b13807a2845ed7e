import { floorOf, inRole } from '../capacity.ts'
import type { Command } from '../command.ts'
import type { Look } from '../look.ts'
import type { Waypoint } from '../plan.ts'
import { countOf, isLeast } from '../shape.ts'
import type { GroupView } from '../snapshot.ts'
import { gaining, generationIn, type RolloutState } from '../state.ts'
import type { Sizes } from './beside.ts'
import type { Orders } from './orders.ts'

/**
 * Has the cloud's own updater work towards a waypoint that is its work, as long as there is something to do; everywhere else it is
 * stopped, for it must not go on while gates, people or the way back decide.
 *
 * @param sizes that the waypoint asks of each role.
 * @returns whether it rests.
 */
export function update(state: RolloutState, look: Look, waypoint: Waypoint, { roles }: Sizes, orders: Orders): boolean {
  const group = updatedGroup(state, look)
  if (group === undefined) return true
  if (isFinishing(state, look, group)) orders.waits.push({ what: `${group.update?.says ?? group.id} to end` })
  else if (goesOn(state, look, waypoint, roles)) letRun(state, look, waypoint, roles.candidate ?? 0, group, orders)
  else return stopUpdater(state, look, orders)
  return false
}

/**
 * Orders the updater to stop, if it is at work.
 *
 * @returns whether it rests.
 */
export function stopUpdater(state: RolloutState, look: Look, orders: Orders): boolean {
  const group = updatedGroup(state, look)
  if (group === undefined || updaterRests(group)) return true
  // Whose fleet was never claimed is somebody else's to decide about.
  if (state.aim === 'back' && !state.claimed) return true
  orders.waits.push({ what: `${group.update?.says ?? group.id} to stop` })
  if (group.update?.state === 'running' && !look.open.has(`group ${group.id}`))
    orders.commands.push({ kind: 'stop-update', group: group.id })
  return false
}

/** Whether no updater of this rollout's is at work. */
export function updatesRest(state: RolloutState, look: Look): boolean {
  const group = updatedGroup(state, look)
  return group === undefined || updaterRests(group)
}

function updaterRests({ update: seen }: GroupView): boolean {
  return seen === undefined || seen.state === 'ended'
}

/** The group that the updater works in: the only one of a fleet whose instances are replaced in place. */
function updatedGroup(state: RolloutState, look: Look): GroupView | undefined {
  return state.plan.waypoints.some(({ agency }) => agency === 'native') ? look.groups[0]?.group : undefined
}

/** Nothing is left to be replaced: one that is not done yet only sees to its end, and stopping it would leave that undone. */
function isFinishing(state: RolloutState, look: Look, group: GroupView): boolean {
  const wanted = generationIn(state, gaining(state))?.release
  if (updaterRests(group) || group.release !== wanted || group.update?.release !== wanted) return false
  return look.generations.every((one) => one.state.release === group.release || one.present.length + one.leaving.length === 0)
}

function goesOn(state: RolloutState, look: Look, { agency }: Waypoint, { stable = 0, candidate = 0 }: Sizes['roles']): boolean {
  if (agency !== 'native' || state.paused !== undefined) return false
  const taking = inRole(state, look, 'candidate')
  const others = look.generations.reduce((sum, one) => sum + (one === taking ? 0 : one.present.length + one.leaving.length), 0)
  // Where nothing is left to be replaced an updater can do nothing about what is not well.
  // Set to work for those that are missing, it goes on until they are well: whoever set it to work for health would never be done.
  const resting = taking?.group === undefined || updaterRests(taking.group)
  const has = resting ? (taking?.present.length ?? 0) : (taking?.credit ?? 0)
  return others > 0 && (has < candidate || others > stable)
}

function letRun(
  state: RolloutState,
  look: Look,
  { budget, shape }: Waypoint,
  wanted: number,
  group: GroupView,
  orders: Orders,
): void {
  const { update: seen } = group
  const release = inRole(state, look, 'candidate')?.state.release
  if (!updaterRests(group) && seen?.release !== release) return void stopUpdater(state, look, orders)
  orders.waits.push({ what: updaterRests(group) ? `the updater of ${group.id} to begin` : `${seen?.says ?? ''} to go on` })
  if (!updaterRests(group) || release === undefined || group.release !== release || look.open.has(`group ${group.id}`)) return
  const { demand } = state
  const partly = isLeast(shape.generations.candidate?.size ?? { kind: 'rest' }) && wanted < demand
  const command: Command = {
    kind: 'update',
    group: group.id,
    release,
    maxSurge: budget.maxSurge === 'unbounded' ? demand : countOf(budget.maxSurge, demand, 'up'),
    maxUnavailable: demand - floorOf(state.plan.floor, demand, budget.maxUnavailable),
    soakMs: budget.soakMs,
    ...(partly ? { upTo: wanted } : {}),
  }
  orders.commands.push(command)
}
