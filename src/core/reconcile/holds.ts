import { inRole } from '../capacity.ts'
import { lastLanding, mayLand, type GenerationLook, type Look } from '../look.ts'
import type { GroupView, HoldView } from '../snapshot.ts'
import type { RolloutState } from '../state.ts'
import type { Orders } from './orders.ts'

/** How long a mark is good for, and from when on it is renewed. */
export const HOLD_MS = 3_600_000
const RENEW_BEFORE_MS = HOLD_MS / 2

/**
 * Claims the fleet on stable's group and holds automation's scale-in on every group that is relied on.
 *
 * @returns whether everything is held; nothing else may be changed before.
 */
export function holdAll(state: RolloutState, look: Look, orders: Orders): boolean {
  if (!takenOver(state, look, orders)) return false
  let held = true
  const claimed = claimGroup(state, look)
  for (const { group, parts } of look.groups) {
    if (parts.every((one) => one.state.condemned)) continue
    if (group.id === claimed && !keep(group.holds, 'claim', group.id)) held = false
    // A group of which something is still to be made may lack what a minimum is written to; whoever makes it holds it.
    if (!look.snapshot.facts.autoscaled || group.partial === true) continue
    const size = parts.reduce((sum, one) => sum + one.desired, 0)
    const own = group.holds.find((one) => one.kind === 'scale-in' && isOwn(state, one))
    // What is on its way changes the size that the minimum goes by.
    if (own !== undefined && own.expiresAt > look.now && look.open.has(`group ${group.id}`)) continue
    if (own !== undefined && group.min < size) order('scale-in', group.id, size, own.previousMin)
    else if (!keep(group.holds, 'scale-in', group.id, size, ownMin(state, group, parts))) held = false
  }
  return held

  function keep(holds: readonly HoldView[], kind: HoldView['kind'], group: string, min?: number, previousMin?: number): boolean {
    const hold = holds.find((one) => one.kind === kind)
    if (hold !== undefined && isOwn(state, hold) && hold.expiresAt - look.now > RENEW_BEFORE_MS) return true
    order(kind, group, min, hold?.previousMin ?? previousMin)
    return hold !== undefined && isOwn(state, hold) && hold.expiresAt > look.now
  }
  function order(kind: HoldView['kind'], group: string, min?: number, previousMin?: number): void {
    if (look.open.has(`hold ${kind} ${group}`)) return
    const raised = min === undefined ? {} : { min, ...(previousMin === undefined ? {} : { previousMin }) }
    orders.commands.push({ kind: 'hold', group, hold: kind, expiresAt: look.now + HOLD_MS, ...raised })
  }
}

/** The minimum to go back to: its own for a group that was there before, and stable's for one that may have begun smaller than that. */
function ownMin({ plan }: RolloutState, group: GroupView, parts: readonly GenerationLook[]): number {
  return parts.some(({ state }) => state.id === plan.stable.generation) ? group.min : plan.recorded.min
}

/**
 * Whether no mark is left of the rollout whose journal is no more: a claim of it on any group of the fleet keeps ours away. Ours stand in
 * the same place: a release that may land once more would take them away, with what they say of the group before it was held.
 */
function takenOver(state: RolloutState, look: Look, orders: Orders): boolean {
  if (state.plan.takesOver === undefined) return true
  let left = false
  for (const { id, holds } of look.snapshot.groups)
    for (const hold of holds) {
      if (hold.owner !== state.plan.takesOver || isOwn(state, hold)) continue
      left = true
      if (!look.open.has(`hold ${hold.kind} ${id}`))
        orders.commands.push({ kind: 'release', group: id, hold: hold.kind, owner: hold.owner })
    }
  const late = lastLanding(state, look, ({ command }) => command.kind === 'release' && command.owner === state.plan.takesOver)
  if (late !== undefined) orders.waits.push({ what: 'a lost release that might still take a mark away', untilAt: late })
  return !left && late === undefined
}

/**
 * Releases every mark of this rollout, and of the one that it takes over from, scale-in first and the claim last.
 *
 * @returns whether all were seen gone.
 */
export function releaseAll(state: RolloutState, look: Look, orders: Orders): boolean {
  const left: { group: string; hold: HoldView['kind']; owner?: string }[] = []
  for (const group of look.snapshot.groups)
    for (const mark of group.holds) {
      const one = { group: group.id, hold: mark.kind }
      if (isOwn(state, mark)) left.push(one)
      // Whoever had nothing to undo has never claimed the fleet, and nobody else would take these away.
      else if (mark.owner === state.plan.takesOver) left.push({ ...one, owner: mark.owner })
    }
  const scaleIn = left.filter((one) => one.hold === 'scale-in')
  for (const one of scaleIn.length > 0 ? scaleIn : left) {
    if (look.open.has(`hold ${one.hold} ${one.group}`)) continue
    orders.commands.push({ kind: 'release', ...one })
  }
  // A look that does not show the last mark that was written is no proof that there is none.
  const unseen = [...look.open].some((resource) => resource.startsWith('hold '))
  if (left.length > 0 || unseen) orders.waits.push({ what: 'holds to be seen released' })
  return left.length === 0 && !unseen
}

/** Who rolls a fleet that never was this rollout's, while that claim is in force: nothing there is this rollout's either. */
export function rolledBy(state: RolloutState, look: Look): HoldView | undefined {
  if (state.claimed || state.flights.some((one) => mayLand(state, one, look.now))) return undefined
  const marks = look.snapshot.groups.flatMap((one) => one.holds)
  if (marks.some((one) => isOwn(state, one))) return undefined
  return marks.find((one) => one.kind === 'claim' && one.expiresAt > look.now && one.owner !== state.plan.takesOver)
}

/** Whether a mark is this rollout's. Ids of rollouts are the store's: one of another store may have the same. */
export function isOwn(state: RolloutState, hold: HoldView): boolean {
  return hold.owner === state.rolloutId && hold.store === state.plan.fleet.store
}

/** The claim stands on stable's group, or on the candidate's once stable is gone. */
function claimGroup(state: RolloutState, look: Look): string | undefined {
  for (const role of ['stable', 'candidate'] as const) {
    const one = inRole(state, look, role)
    if (one?.group !== undefined && !one.state.condemned) return one.state.group
  }
  return undefined
}
