import { resourceOf, type Command } from '../command.ts'
import type { EventOf } from '../events.ts'
import type { At } from '../snapshot.ts'
import { flightTimes } from '../times.ts'
import type { Flight, GenerationState, RolloutState } from '../state.ts'

const BACKOFF_FIRST_MS = 1_000
const BACKOFF_MOST_MS = 60_000

/** Reducers of the events about commands. */
export const FLIGHTS = {
  'command.intended': afterIntent,
  'command.accepted': afterAnswer,
  'command.unknown': afterAnswer,
  'command.landed': afterAnswer,
  'command.lapsed': afterAnswer,
  'command.withheld': (state: RolloutState, event: EventOf<'command.withheld'>): RolloutState => voided(state, event.id),
  'command.refused': afterRefusal,
  'guard.refused': (state: RolloutState, event: EventOf<'guard.refused'>): RolloutState => ({
    ...state,
    refusals: { ...state.refusals, [event.resource]: event.why },
  }),
}

/** An intent: from here on its effect may appear at any time. */
function afterIntent(state: RolloutState, event: EventOf<'command.intended'>): RolloutState {
  const { id, command, waypoint, attempt } = event
  const before = state.flights.find((one) => one.id === id)
  const flight: Flight = {
    id,
    command,
    resource: resourceOf(command),
    waypoint,
    attempt,
    intendedAt: event.at,
    outcome: 'pending',
    doubtful: before?.doubtful ?? false,
    landed: false,
    askedBefore: before?.askedBefore ?? askedOf(state, command),
  }
  return {
    ...state,
    commands: Math.max(state.commands, Number(id.slice(1))),
    flights: [...state.flights.filter((one) => one.id !== id), flight],
    generations: generationsAfter(state, command),
  }
}

/** An answer, or the effect seen, or the certainty that it will not come. */
function afterAnswer(
  state: RolloutState,
  event: EventOf<'command.accepted' | 'command.unknown' | 'command.landed' | 'command.lapsed'>,
): RolloutState {
  const flight = state.flights.find((one) => one.id === event.id)
  if (flight === undefined) return state
  // In place of the old one: the order of intents tells which write to a resource is the newest.
  const replaced = (change: Partial<Flight>) => state.flights.map((one) => (one === flight ? { ...flight, ...change } : one))
  const { [flight.resource]: _, ...setbacks } = state.setbacks
  switch (event.type) {
    case 'command.accepted':
      return { ...state, setbacks, flights: replaced({ outcome: 'accepted', answeredAt: event.at }) }
    case 'command.unknown':
      return { ...state, flights: replaced({ outcome: 'unknown', doubtful: true }) }
    case 'command.landed':
      return {
        ...withSizes(state, event.sizes),
        setbacks,
        held: heldAfter(state, flight.command),
        flights: replaced({ landed: true, doubtful: flight.doubtful || flight.outcome === 'pending' }),
      }
    case 'command.lapsed':
      return { ...withAsked(state, flight), flights: state.flights.filter((one) => one !== flight) }
  }
}

/** A definite refusal: it will not land, so the intent is void; trying again waits a little longer each time. */
function afterRefusal(state: RolloutState, event: EventOf<'command.refused'>): RolloutState {
  const flight = state.flights.find((one) => one.id === event.id)
  if (flight === undefined) return state
  const attempts = (state.setbacks[flight.resource]?.attempts ?? 0) + 1
  const waitMs = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** (attempts - 1))
  const setback = { attempts, untilAt: event.at + waitMs, class: event.class, message: event.message }
  return voided({ ...state, setbacks: { ...state.setbacks, [flight.resource]: setback } }, event.id)
}

/** The latest attempt will not land. An earlier one of the same command still may, whatever became of this one. */
function voided(state: RolloutState, id: string): RolloutState {
  const flight = state.flights.find((one) => one.id === id)
  if (flight === undefined) return state
  if (flight.doubtful)
    return { ...state, flights: state.flights.map((one) => (one === flight ? { ...flight, outcome: 'unknown' } : one)) }
  return { ...withAsked(state, flight), flights: state.flights.filter((one) => one !== flight) }
}

/** Flights without those that have landed and are long past; what has not landed ends by an event of its own. */
export function pruned(state: RolloutState, at: At): readonly Flight[] {
  if (state.flights.length === 0) return state.flights
  const kept = state.flights.filter((one) => !one.landed || at < flightTimes(state, one).forgetAt)
  return kept.length === state.flights.length ? state.flights : kept
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

/** A write that will not land has asked for nothing. */
function withAsked(state: RolloutState, flight: Flight): RolloutState {
  return withSizes(state, flight.askedBefore)
}

function withSizes(state: RolloutState, sizes: Flight['askedBefore'] = NOTHING_ASKED): RolloutState {
  if (sizes === NOTHING_ASKED) return state
  const generations: Record<string, GenerationState> = { ...state.generations }
  for (const id in sizes) {
    const one = generations[id]
    if (one !== undefined) generations[id] = { ...one, asked: sizes[id] ?? one.asked }
  }
  return { ...state, generations }
}

function generationsAfter(state: RolloutState, command: Command): RolloutState['generations'] {
  switch (command.kind) {
    case 'ensure-group':
    case 'resize':
    case 'remove':
      return sized(state, command)
    case 'retire':
      return condemned(state, (one) => one.group === command.group)
    case 'release-route':
      return condemned(state, (one) => one.binding === command.binding)
    case 'leave':
      return command.instances === 'all' ? condemned(state, (one) => one.group === command.group) : state.generations
    case 'hold':
    case 'prepare':
    case 'join':
    case 'set-weights':
    case 'release':
      return state.generations
  }
}

function sized(state: RolloutState, command: Extract<Command, { kind: 'ensure-group' | 'resize' | 'remove' }>) {
  const sizes =
    command.kind === 'ensure-group'
      ? { [command.release]: command.size }
      : command.kind === 'resize'
        ? command.sizes
        : command.sizesAfter
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
