import { resourceOf, sizesWritten, type Command } from '../command.ts'
import type { EventOf } from '../events.ts'
import type { At } from '../snapshot.ts'
import { flightTimes } from '../times.ts'
import { awaitsSlot, type Flight, type GenerationState, type RolloutState } from '../state.ts'
import { NO_CHANGE, withAsked, type Change } from './change.ts'

const BACKOFF_FIRST_MS = 1_000
const BACKOFF_MOST_MS = 60_000

/** Reducers of the events about commands. */
export const FLIGHTS = {
  'command.intended': afterIntent,
  'command.accepted': afterAnswer,
  'command.unknown': afterAnswer,
  'command.landed': afterAnswer,
  'command.lapsed': afterAnswer,
  'command.withheld': afterWithholding,
  'command.refused': afterRefusal,
  // What is not tried any more the cloud does not refuse any more.
  'guard.refused': (state: RolloutState, event: EventOf<'guard.refused'>): Change => ({
    refusals: { ...state.refusals, [event.resource]: event.why },
    setbacks: without(state.setbacks, event.resource),
  }),
}

/** An intent: from here on its effect may appear at any time. */
function afterIntent(state: RolloutState, event: EventOf<'command.intended'>): Change {
  const { id, command, waypoint, attempt } = event
  const before = state.flights.find((one) => one.id === id)
  const flight: Flight = {
    id,
    command,
    resource: resourceOf(command),
    waypoint,
    attempt,
    firstAt: before?.waypoint === waypoint ? before.firstAt : event.at,
    intendedAt: event.at,
    ...lostBefore(before),
    outcome: 'pending',
    // Of an earlier attempt that nobody heard the answer of, nobody knows whether it lands.
    doubtful: before !== undefined && (before.doubtful || before.outcome !== 'accepted'),
    landed: false,
    askedBefore: before?.askedBefore ?? askedOf(state, command),
  }
  return {
    commands: Math.max(state.commands, Number(id.slice(1))),
    refusals: without(state.refusals, flight.resource),
    flights: [...state.flights.filter((one) => one.id !== id), flight],
    generations: generationsAfter(state, command),
  }
}

/** An attempt that was answered is no reason to wait; of one that was not, and of those before it, the latest is. */
function lostBefore(before: Flight | undefined): Pick<Flight, 'lostAt'> {
  const lostAt = before === undefined || before.outcome === 'accepted' ? before?.lostAt : before.intendedAt
  return lostAt === undefined ? {} : { lostAt }
}

/** An answer, or the effect seen, or the certainty that it will not come. */
function afterAnswer(
  state: RolloutState,
  event: EventOf<'command.accepted' | 'command.unknown' | 'command.landed' | 'command.lapsed'>,
): Change {
  const flight = state.flights.find((one) => one.id === event.id)
  if (flight === undefined) return NO_CHANGE
  // In place of the old one: the order of intents tells which write to a resource is the newest.
  const replaced = (change: Partial<Flight>) => state.flights.map((one) => (one === flight ? { ...flight, ...change } : one))
  switch (event.type) {
    case 'command.accepted':
      return {
        setbacks: without(state.setbacks, flight.resource),
        flights: replaced({ outcome: 'accepted', answeredAt: event.at }),
      }
    case 'command.unknown':
      return { flights: replaced({ outcome: 'unknown', doubtful: true, answeredAt: event.at }) }
    case 'command.landed':
      return {
        ...(event.sizes === undefined ? NO_CHANGE : withAsked(state, event.sizes)),
        setbacks: without(state.setbacks, flight.resource),
        held: heldAfter(state, flight.command),
        claimed: state.claimed || (flight.command.kind === 'hold' && flight.command.hold === 'claim'),
        flights: replaced({ landed: true, doubtful: flight.doubtful || flight.outcome === 'pending' }),
      }
    case 'command.lapsed':
      return flight.outcome === 'accepted' ? voided(state, event.id) : lapsed(state, flight)
  }
}

/** What was refused before is forgotten once it has worked. */
function without<T>(known: Readonly<Record<string, T>>, resource: string): Readonly<Record<string, T>> {
  if (!(resource in known)) return known
  const { [resource]: _, ...others } = known
  return others
}

/** What was never sent has asked for nothing. */
function afterWithholding(state: RolloutState, event: EventOf<'command.withheld'>): Change {
  const flight = state.flights.find((one) => one.id === event.id)
  return voided(state, event.id, flight?.askedBefore)
}

/** A definite refusal: it will not land, so the intent is void; trying again waits a little longer each time. */
function afterRefusal(state: RolloutState, event: EventOf<'command.refused'>): Change {
  const flight = state.flights.find((one) => one.id === event.id)
  if (flight === undefined) return NO_CHANGE
  const attempts = (state.setbacks[flight.resource]?.attempts ?? 0) + 1
  const waitMs = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** (attempts - 1))
  const setback = { attempts, untilAt: event.at + waitMs, class: event.class, message: event.message }
  const setbacks = { ...state.setbacks, [flight.resource]: setback }
  return {
    setbacks,
    ...voided(state, event.id, mayHaveWritten(flight, event) ? undefined : flight.askedBefore),
  }
}

/**
 * Whether a write that was refused may have left its size all the same: machines for which there is no room are given up when the size is
 * written, and a change of several calls may be refused at its last. Read back as somebody else's wish that size would grow for ever.
 */
function mayHaveWritten({ outcome }: Flight, event: EventOf<'command.refused'>): boolean {
  return outcome === 'accepted' || event.class !== 'conflict'
}

/** What a group was asked to be by a write or before it, whichever is larger: a look that shows less says so by itself. */
function largestAsked({ generations }: RolloutState, { askedBefore }: Flight): Flight['askedBefore'] {
  return Object.fromEntries(
    Object.entries(askedBefore).map(([id, before]) => [id, Math.max(before, generations[id]?.asked ?? 0)] as const),
  )
}

/** The latest attempt will not land. An earlier one of the same command still may, whatever became of this one. */
function voided(state: RolloutState, id: string, asked?: Flight['askedBefore']): Change {
  const flight = state.flights.find((one) => one.id === id)
  if (flight === undefined) return NO_CHANGE
  if (!flight.doubtful) return lapsed(state, flight, asked)
  const { lostAt = flight.intendedAt, ...rest } = flight
  return { flights: state.flights.map((one) => (one === flight ? { ...rest, intendedAt: lostAt, outcome: 'unknown' } : one)) }
}

/** Flights without those that have landed and are long past; what has not landed ends by an event of its own. */
export function pruned(state: RolloutState, flights: readonly Flight[], at: At): readonly Flight[] {
  const isPast = (one: Flight) => one.landed && at >= flightTimes(state, one).forgetAt
  return flights.some(isPast) ? flights.filter((one) => !isPast(one)) : flights
}

/** Marks that are on the cloud once this command has landed. */
function heldAfter({ held }: RolloutState, command: Command): RolloutState['held'] {
  if (command.kind !== 'hold' && (command.kind !== 'release' || command.owner !== undefined)) return held
  const { group, hold } = command
  const others = held.filter((one) => one.group !== group || one.hold !== hold)
  return command.kind === 'hold' ? [...others, { group, hold }] : others
}

/** The sizes last asked of the generations that a command is about. */
function askedOf(state: RolloutState, command: Command): Flight['askedBefore'] {
  if (command.kind !== 'ensure-group' && command.kind !== 'resize' && command.kind !== 'remove') return NOTHING_ASKED
  const asked: Record<string, number> = {}
  for (const id in state.generations) {
    const one = state.generations[id]
    if (one?.group === command.group) asked[id] = one.asked
  }
  return asked
}

const NOTHING_ASKED: Flight['askedBefore'] = Object.freeze({})

/**
 * A write that does not land any more. Its size may be there all the same, in other releases than it was asked of; and others were asked for
 * since.
 */
function lapsed(state: RolloutState, flight: Flight, asked = largestAsked(state, flight)): Change {
  return { ...withAsked(state, asked), flights: state.flights.filter((one) => one !== flight) }
}

function generationsAfter(state: RolloutState, command: Command): RolloutState['generations'] {
  switch (command.kind) {
    case 'ensure-group':
    case 'resize':
    case 'remove':
      return sized(state, command)
    case 'retire':
      return condemned(state, (one) => one.group === command.group && !awaitsSlot(state, one))
    case 'release-route':
      return condemned(state, (one) => one.binding === command.binding)
    case 'leave':
      return forGood(state, command)
        ? condemned(state, (one) => one.group === command.group && !awaitsSlot(state, one))
        : state.generations
    case 'hold':
    case 'prepare':
    case 'join':
    case 'set-weights':
    case 'release':
    case 'update':
    case 'stop-update':
      return state.generations
  }
}

/** Whether a generation leaves its route as a whole: a slot stays joined, and by weights only one that is retired is taken out. */
function forGood({ plan }: RolloutState, { instances }: Extract<Command, { kind: 'leave' }>): boolean {
  return instances === 'all' || (plan.fleet.placement.kind === 'slots' && plan.stable.binding !== plan.candidate.binding)
}

function sized(state: RolloutState, command: Extract<Command, { kind: 'ensure-group' | 'resize' | 'remove' }>) {
  const sizes = sizesWritten(command)
  const generations: Record<string, GenerationState> = { ...state.generations }
  for (const one of Object.values(generations)) {
    const asked = one.group === command.group ? sizes[one.release] : undefined
    if (asked !== undefined) generations[one.id] = { ...one, asked }
  }
  return generations
}

function condemned(state: RolloutState, which: (one: GenerationState) => boolean): RolloutState['generations'] {
  const generations: Record<string, GenerationState> = { ...state.generations }
  for (const one of Object.values(generations)) if (which(one)) generations[one.id] = { ...one, condemned: true }
  return generations
}
