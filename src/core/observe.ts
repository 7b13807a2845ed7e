import type { Fact } from './events.ts'
import { groupOf, landed } from './landed.ts'
import type { GenerationLook, Look } from './look.ts'
import { isOwn } from './reconcile/holds.ts'
import { sameWeights } from './reconcile/shift.ts'
import type { GroupId, GroupView, InstanceView } from './snapshot.ts'
import type { Flight, RolloutState } from './state.ts'
import { flightTimes } from './times.ts'

/** What a look adds to the journal: effects seen, generations and instances come and gone, traffic. Nothing for a look that shows nothing new. */
export function observe(state: RolloutState, look: Look): Fact[] {
  const facts: Fact[] = []
  for (const flight of state.flights) observeFlight(state, look, flight, facts)
  observeRouting(state, look, facts)
  for (const one of look.generations) {
    observeGeneration(state, look, one, facts)
    if (one.state.role !== 'stable' || one.state.exists) observeInstances(one, facts)
  }
  for (const one of look.generations) observeLost(look, one, facts)
  for (const { group } of look.groups) observeUpdate(state, group, facts)
  observeHolds(state, look, facts)
  return facts
}

function observeFlight(state: RolloutState, look: Look, flight: Flight, facts: Fact[]): void {
  if (flight.landed) return
  const since = flight.answeredAt ?? flight.intendedAt
  const { handle, failed } = handleOf(look, flight)
  if (failed !== undefined) {
    facts.push({
      type: 'command.refused',
      id: flight.id,
      class: failed.class === 'unknown' ? 'transient' : failed.class,
      message: failed.message,
    })
    return
  }
  if (look.snapshot.beganAt >= since && hasLanded(flight, look))
    facts.push({ type: 'command.landed', id: flight.id, ...movedSizes(flight, look) })
  else if (flight.outcome === 'accepted' && handle !== 'pending' && look.snapshot.beganAt >= flightTimes(state, flight).visibleAt)
    facts.push({ type: 'command.lapsed', id: flight.id })
  else if (flight.outcome !== 'accepted' && look.snapshot.beganAt >= flightTimes(state, flight).lateUntilAt)
    facts.push({ type: 'command.lapsed', id: flight.id })
}

/** Of a removal that nobody answered for the size must show too: its victims may have gone by themselves. */
function hasLanded({ command, outcome, doubtful }: Flight, look: Look): boolean {
  if (!landed(command, look.snapshot)) return false
  return command.kind !== 'remove' || (outcome === 'accepted' && !doubtful) || noLargerThanAsked(look, command.group)
}

function noLargerThanAsked(look: Look, group: string): boolean {
  return partsOf(look, group).reduce((more, one) => more + one.desired - one.state.asked, 0) <= 0
}

/** A group that is no larger than was asked before the removal was not made larger by anybody else. */
function movedSizes({ command, askedBefore }: Flight, look: Look): { readonly sizes?: Readonly<Record<string, number>> } {
  if (command.kind !== 'remove' || noLargerThanAsked(look, command.group)) return {}
  const parts = partsOf(look, command.group)
  const more = parts.reduce((sum, one) => sum + one.desired - (askedBefore[one.state.id] ?? 0), 0)
  return more > 0 ? {} : { sizes: Object.fromEntries(parts.map((one) => [one.state.id, one.desired])) }
}

function partsOf(look: Look, group: string): GenerationLook[] {
  return look.generations.filter((one) => one.state.group === group)
}

function handleOf(look: Look, flight: Flight) {
  const view = look.snapshot.handles[flight.id]
  return view?.state === 'failed' ? { handle: view.state, failed: view } : { handle: view?.state, failed: undefined }
}

function observeRouting(state: RolloutState, look: Look, facts: Fact[]): void {
  if (look.snapshot.traffic === undefined) return
  const last = state.routing.at(-1)?.units
  if (last !== undefined && sameWeights(last, look.weights)) return
  const ours = state.flights.some(
    (flight) => flight.command.kind === 'set-weights' && sameWeights(flight.command.wanted, look.weights),
  )
  if (ours) facts.push({ type: 'traffic.shifted', weights: percent(look), units: look.weights })
  // A look older than our last write shows the routing of before: not news.
  else if (look.routingSettled) facts.push({ type: 'traffic.disturbed', units: look.weights })
}

function percent(look: Look): Readonly<Record<string, number>> {
  const shares: Record<string, number> = {}
  for (const one of look.generations) if (one.joined || one.weight > 0) shares[one.state.id] = (one.weight * 100) / look.units
  return shares
}

function observeGeneration(state: RolloutState, look: Look, one: GenerationLook, facts: Fact[]): void {
  const { id, group, release, role, exists, missingSinceAt } = one.state
  if (one.group !== undefined) {
    if (missingSinceAt !== undefined) facts.push({ type: 'generation.found', generation: id })
    if (!exists && role !== 'leftover' && one.group.release === release)
      facts.push({ type: 'generation.created', role, generation: id, group, release })
    const { count, last } = one.group.failures
    if (count > one.state.failuresSeen && role !== 'leftover' && one.group.release === release)
      facts.push({
        type: 'launch.failed',
        generation: id,
        count,
        class: last?.class ?? 'unknown',
        message: last?.message ?? 'no reason given',
      })
    return
  }
  if (!exists || one.state.condemned || !one.settled || showsNothing(state, one)) return
  if (missingSinceAt === undefined) facts.push({ type: 'generation.missing', generation: id })
  // Absence is unknown until it has lasted longer than any read may lag.
  else if (look.snapshot.beganAt - missingSinceAt > look.snapshot.facts.settleMs)
    facts.push({ type: 'generation.lost', generation: id })
}

/** A slot is shown while it holds something: one that was emptied, and carries no mark of ours any more, is not lost. */
function showsNothing({ plan, held }: RolloutState, { state: { group, asked } }: GenerationLook): boolean {
  return plan.fleet.placement.kind === 'slots' && asked === 0 && held.every((one) => one.group !== group)
}

function observeInstances(one: GenerationLook, facts: Fact[]): void {
  for (const instance of one.news) {
    const about = { instance: instance.id, generation: one.state.id }
    if (one.facts[instance.id]?.healthyAt === undefined) facts.push({ type: 'instance.healthy', ...about })
    else facts.push({ type: 'instance.unhealthy', ...about, why: instance.reason ?? instance.state })
  }
}

/** What was over before this rollout is no news. */
function observeUpdate({ updates }: RolloutState, { id: group, update }: GroupView, facts: Fact[]): void {
  if (update === undefined) return
  const { id, state, says } = update
  const known = updates[group]
  if (known?.id === id ? known.state === state : state === 'ended') return
  facts.push({ type: 'update.seen', group, id, state, says })
}

function observeLost(look: Look, one: GenerationLook, facts: Fact[]): void {
  if (one.group === undefined || !one.settled || nobodyLost(one)) return
  const seen = new Map<string, InstanceView>()
  for (const group of look.snapshot.groups) for (const instance of group.instances) seen.set(instance.id, instance)
  for (const id in one.facts) {
    const fact = one.facts[id]
    if (fact === undefined || fact.goneAt !== undefined) continue
    const instance = seen.get(id)
    if (instance !== undefined && instance.state !== 'terminating') continue
    const why = fact.leavingAt === undefined ? (instance?.reason ?? 'it is gone') : 'removed'
    facts.push({ type: 'instance.lost', instance: id, generation: one.state.id, why })
  }
}

/** As many are there as the journal tells of: the usual case, for which nobody need be looked for. */
function nobodyLost(one: GenerationLook): boolean {
  let missing = -one.known
  for (const id in one.facts) if (one.facts[id]?.goneAt === undefined) missing++
  return missing === 0
}

/** A mark of ours that has run out or is gone, though we did not release it, no longer keeps anybody away. */
function observeHolds(state: RolloutState, look: Look, facts: Fact[]): void {
  const lost = new Set<GroupId>()
  for (const { group, hold } of state.held) {
    const seen = groupOf(look.snapshot, group)?.holds
    // A group that is gone took its marks with it.
    if (seen === undefined || seen.some((one) => one.kind === hold && isOwn(state, one) && one.expiresAt > look.now)) continue
    const resource = `hold ${hold} ${group}`
    if (!look.open.has(resource) && !state.flights.some((flight) => flight.resource === resource)) lost.add(group)
  }
  for (const group of lost) facts.push({ type: 'holds.lost', group })
}
