import type { EventHead, EventOf, Fact } from './events.ts'
import { mayLand, type Look } from './look.ts'
import { releaseAll } from './reconcile/holds.ts'
import { noOrders, type Orders } from './reconcile/orders.ts'
import { retireAll } from './reconcile/retire.ts'
import { generationIn, type RolloutState } from './state.ts'
import { flightTimes } from './times.ts'

/** The last steps: leftovers gone, nothing of ours that may still land, holds seen released, then the outcome. */
export function finish(state: RolloutState, look: Look): { readonly facts: Fact[]; readonly orders: Orders } {
  const orders = noOrders()
  if (state.paused !== undefined) return { facts: [], orders }
  const gone = state.stuck || retireAll(state, look, undefined, orders)
  const facts: Fact[] = orders.gone.map((generation) => ({ type: 'generation.retired', generation }))
  for (const one of orders.drained) facts.push({ type: 'instance.drained', ...one })
  const late = lastLateCreation(state, look)
  if (late !== undefined) orders.waits.push({ what: 'a lost call that might still create something', untilAt: late })
  if (!gone || late !== undefined || !releaseAll(state, look, orders)) return { facts, orders }
  return { facts: [...facts, { type: 'rollout.finished', ...ending(state) }], orders }
}

type Ending = Omit<EventOf<'rollout.finished'>, keyof EventHead | 'type'>

function lastLateCreation(state: RolloutState, look: Look): number | undefined {
  let until: number | undefined
  for (const flight of state.flights) {
    const { kind } = flight.command
    if ((kind !== 'ensure-group' && kind !== 'prepare' && kind !== 'hold') || !mayLand(state, flight, look.now)) continue
    until = Math.max(until ?? 0, flightTimes(state, flight).lateUntilAt)
  }
  return until
}

function ending(state: RolloutState): Ending {
  const kept = Object.values(state.generations).filter((one) => one.keptFor !== undefined && !one.gone)
  const end = endingOf(state)
  if (kept.length === 0) return end
  const names = kept.map((one) => one.id)
  const next = `${end.next}; ${names.join(' and ')} could not be removed and must be by hand: ${kept[0]?.keptFor ?? ''}`
  return { ...end, next, leftovers: [...end.leftovers.filter((one) => !names.includes(one)), ...names] }
}

function endingOf(state: RolloutState): Ending {
  const stable = generationIn(state, 'stable')?.id ?? ''
  const candidate = generationIn(state, 'candidate')?.id ?? ''
  if (state.stuck) {
    const next = `${stable} and ${candidate} are kept as they are; look at what does not become healthy, then plan again`
    return { outcome: 'rollback-failed', reason: state.cause, next, leftovers: [candidate] }
  }
  switch (state.aim) {
    case 'forward':
      return { outcome: 'promoted', reason: 'every gate opened', next: `${candidate} serves alone`, leftovers: [] }
    case 'back':
      return { outcome: 'rolled-back', reason: state.cause, next: `${stable} serves alone, as before the rollout`, leftovers: [] }
    case 'abort': {
      const next = `${candidate} is kept for inspection; the next rollout of this fleet, or sweep, retires it`
      return { outcome: 'aborted', reason: state.cause, next, leftovers: [candidate] }
    }
    case 'salvage':
      return {
        outcome: 'failed',
        reason: state.cause,
        next: `${candidate} serves alone; the recorded release has no group any more`,
        leftovers: [],
      }
  }
}
