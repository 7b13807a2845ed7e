import { weightOf } from './adoption.ts'
import { inRole } from './capacity.ts'
import type { Command } from './command.ts'
import type { EventHead, EventOf, Fact } from './events.ts'
import { lastLanding, type Look } from './look.ts'
import { groupOf, routeOf } from './landed.ts'
import { runsBeside, withBeside } from './reconcile/beside.ts'
import { drainFacts } from './reconcile/drain.ts'
import { releaseAll, rolledBy } from './reconcile/holds.ts'
import { noOrders, type Orders } from './reconcile/orders.ts'
import { retireAll } from './reconcile/retire.ts'
import { stopUpdater } from './reconcile/update.ts'
import { generationIn, type Flight, type RolloutState } from './state.ts'

/** The last steps: leftovers gone, nothing of ours that may still land, holds seen released, then the outcome. */
export function finish(state: RolloutState, look: Look): { readonly facts: Fact[]; readonly orders: Orders } {
  const orders = noOrders()
  if (state.paused !== undefined) return { facts: [], orders }
  const untouched = state.aim === 'back' && rolledBy(state, look) !== undefined
  const gone = state.stuck || untouched || retireAll(state, look, undefined, withBeside(state, look, {}).beside, orders)
  const facts: Fact[] = orders.gone.map((generation) => ({ type: 'generation.retired', generation }))
  facts.push(...drainFacts(orders))
  const rests = stopUpdater(state, look, orders)
  if (!gone || !rests || mayStillLand(state, look, orders, ({ command }) => mattersLater(state, look, command)))
    return { facts, orders }
  // One that never landed is asked for again; one that did may take a mark of the rollout that comes after.
  if (!releaseAll(state, look, orders) || mayStillLand(state, look, orders, ({ command }) => command.kind === 'release'))
    return { facts, orders }
  return { facts: [...facts, { type: 'rollout.finished', ...ending(state, look) }], orders }
}

/** Whether such a call whose answer was lost may still land, which is waited for. */
function mayStillLand(state: RolloutState, look: Look, orders: Orders, which: (flight: Flight) => boolean): boolean {
  const late = lastLanding(state, look, which)
  if (late !== undefined) orders.waits.push({ what: 'a lost call that might still change something', untilAt: late })
  return late !== undefined
}

type Ending = Omit<EventOf<'rollout.finished'>, keyof EventHead | 'type'>

/**
 * What lands after the end would be left over; in slots all of it would meet the rollout that comes after under the same names. Sizes are
 * among it where scale-in is held: the minimum moves with them, and nobody would lower it again.
 */
function mattersLater({ plan }: RolloutState, { snapshot }: Look, command: Command): boolean {
  const { kind } = command
  // An abort leaves the group with whoever comes after: it may serve again by then.
  if (kind === 'retire' && groupOf(snapshot, command.group) !== undefined) return true
  if (kind === 'ensure-group' || kind === 'prepare' || kind === 'hold' || kind === 'update') return true
  if (kind === 'resize' || kind === 'remove') return snapshot.facts.autoscaled || plan.fleet.placement.kind === 'slots'
  return kind !== 'release' && plan.fleet.placement.kind === 'slots'
}

function ending(state: RolloutState, look: Look): Ending {
  const kept = Object.values(state.generations).filter((one) => one.keptFor !== undefined && !one.gone)
  const end = withOut(state, look, endingOf(state, look))
  if (kept.length === 0) return end
  const names = kept.map((one) => one.id)
  const next = `${end.next}; ${names.join(' and ')} could not be removed and must be by hand: ${kept[0]?.keptFor ?? ''}`
  return { ...end, next, leftovers: [...end.leftovers.filter((one) => !names.includes(one)), ...names] }
}

/** An end in the middle says who of stable had been taken out of its route: it runs and carries nothing. */
function withOut(state: RolloutState, look: Look, end: Ending): Ending {
  const out = inRole(state, look, 'stable')?.leaving ?? []
  if (out.length === 0 || end.outcome === 'promoted') return end
  const names = out.map((instance) => instance.id).join(', ')
  return {
    ...end,
    next: `${end.next}; ${names} had been chosen to leave, and the next rollout replaces what is out of its route`,
  }
}

function endingOf(state: RolloutState, look: Look): Ending {
  const stable = generationIn(state, 'stable')?.id ?? ''
  const candidate = generationIn(state, 'candidate')?.id ?? ''
  const there = generationIn(state, 'candidate')?.exists === true ? [candidate] : []
  const reason = state.cause
  if (state.stuck) {
    const kept = there.length === 0 ? `${stable} is kept as it is` : `${stable} and ${candidate} are kept as they are`
    const cause = Object.keys(state.setbacks).length === 0 ? 'look at what does not become healthy' : 'mend what is refused'
    const next = `${kept}; ${cause}, then plan again`
    return { outcome: 'rollback-failed', reason, next, leftovers: there }
  }
  const others = servesBeside(state, look)
  switch (state.aim) {
    case 'forward':
      return others.length === 0
        ? { outcome: 'promoted', reason: 'every gate opened', next: `${candidate} serves alone`, leftovers: [] }
        : {
            outcome: 'failed',
            reason: `every gate opened, but ${others.join(' and ')} ${IS_THERE}`,
            next: `${candidate} serves; find out who launched the others, then plan again`,
            leftovers: [],
          }
    case 'back': {
      const owner = rolledBy(state, look)
      if (owner !== undefined) {
        const next = `nothing was touched: the fleet is rolled by ${owner.owner}, whose journal is in the store ${owner.store}`
        return { outcome: 'rolled-back', reason, next, leftovers: [] }
      }
      const next =
        others.length === 0
          ? `${stable} serves alone, as before the rollout`
          : `${stable} serves again, and ${others.join(' and ')} ${IS_THERE}`
      return { outcome: 'rolled-back', reason, next, leftovers: [] }
    }
    case 'abort': {
      const by = state.plan.fleet.placement.kind === 'slots' ? 'sweep' : 'the next rollout of this fleet, or sweep,'
      const kept = `${candidate} is kept for inspection; ${by} retires it`
      const next = there.length === 0 ? `${stable} serves; the candidate was never made` : kept
      return { outcome: 'aborted', reason, next, leftovers: [...there, ...runsBeside(state, look).map((one) => one.state.id)] }
    }
    case 'salvage': {
      const next = `${candidate} serves alone; the recorded release has no group any more`
      return { outcome: 'failed', reason, next, leftovers: [] }
    }
  }
}

const IS_THERE = 'is there too, which this rollout did not launch or retired before'

/** What this look shows to serve beside the generation that was meant to serve alone; what is known to be gone, an old read may show once more. */
function servesBeside(state: RolloutState, { snapshot }: Look): string[] {
  const alone = generationIn(state, state.aim === 'back' ? 'stable' : 'candidate')
  const ours = new Set(Object.values(state.generations).map((one) => one.group))
  const isGone = (id: string) => Object.values(state.instances).some((facts) => facts[id]?.goneAt !== undefined)
  const found: string[] = []
  for (const group of snapshot.groups) {
    const there = group.instances.filter((one) => one.state !== 'terminating' && !isGone(one.id))
    const others = there.filter((one) => one.release !== alone?.release)
    if (group.id === alone?.group && others.length > 0) found.push(`${others.length} of ${others[0]?.release} in ${group.id}`)
    if (!ours.has(group.id) && there.length > 0 && weightOf(snapshot, group) > 0) found.push(`${group.id} with traffic`)
  }
  // Only a slot keeps its route when it is emptied.
  for (const one of Object.values(state.generations)) {
    const weight = one.gone && one.binding !== alone?.binding ? (routeOf(snapshot, one.binding)?.weight ?? 0) : 0
    if (weight > 0) found.push(`weight ${weight} for ${one.group}, which is empty,`)
  }
  return found
}
