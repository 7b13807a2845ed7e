import type { Command } from '../command.ts'
import type { EventType, RolloutEvent } from '../events.ts'
import { factsOf, gaining, generationIn, type RolloutState } from '../state.ts'
import { isInstanceEvent, type InstanceEvent } from './instances.ts'

/** How near the fleet came, by what is measured: more is nearer. */
type Marks = RolloutState['nearest']

/** Steps that each are taken once, and any of these renews the progress deadline. */
const STEPS: ReadonlySet<EventType> = new Set<EventType>([
  'generation.created',
  'generation.found',
  'generation.retired',
  'generation.kept',
])

/** Marks are kept, an updater only works, and single instances only leave, for the sake of what shows by itself: sizes, health and weights. */
const NO_STEPS: ReadonlySet<Command['kind']> = new Set<Command['kind']>(['hold', 'update', 'stop-update', 'set-weights'])

/** What events come to: whether one of them is progress, and how near the fleet has come by them. */
export interface Progress {
  readonly made: boolean
  readonly nearest: Marks
}

/**
 * Progress is what brings the fleet nearer than it has been since its waypoint was entered, or last ready. An automation that goes on
 * undoing what is done, and is undone in turn, brings nobody nearer.
 *
 * @param nearest the marks to begin with: none where a clock has just been set.
 * @param events one, or several about instances of one generation.
 */
export function progressOf(before: RolloutState, nearest: Marks, events: readonly RolloutEvent[]): Progress {
  if (events.every(isInstanceEvent)) return progressInHealth(before, nearest, events)
  const [event] = events
  const measured = event !== undefined && measuredBy(before, event)
  return typeof measured === 'boolean' ? { made: measured, nearest } : beyond(nearest, measured)
}

function beyond(nearest: Marks, measured: Marks): Progress {
  const nearer = Object.entries(measured).filter(([what, value]) => value > (nearest[what] ?? -Infinity))
  if (nearer.length === 0) return { made: false, nearest }
  return { made: true, nearest: { ...nearest, ...Object.fromEntries(nearer) } }
}

/** What an event says of how near the fleet is: `true` for a step of its own, nothing for what is none. */
function measuredBy(state: RolloutState, event: RolloutEvent): Marks | boolean {
  switch (event.type) {
    case 'command.landed':
      return measuredByCommand(state.flights.find((one) => one.id === event.id)?.command)
    case 'traffic.shifted': {
      const binding = generationIn(state, gaining(state))?.binding
      return binding === undefined || { weight: event.units[binding] ?? 0 }
    }
    default:
      return STEPS.has(event.type)
  }
}

/** Sizes count by how far they go, each in its direction. */
function measuredByCommand(command: Command | undefined): Marks | boolean {
  if (command?.kind === 'resize') return sizes('grown', command.group, command.sizes, 1)
  if (command?.kind === 'remove') return sizes('shrunk', command.group, command.sizesAfter, -1)
  if (command?.kind === 'leave') return command.instances === 'all'
  return command === undefined || !NO_STEPS.has(command.kind)
}

function sizes(how: string, group: string, of: Readonly<Record<string, number>>, sign: 1 | -1): Marks {
  return Object.fromEntries(Object.entries(of).map(([release, size]) => [`${how} ${group} ${release}`, sign * size]))
}

/** Who has come up for the first time brings the fleet nearer where more of those that take over are well than ever. */
function progressInHealth(before: RolloutState, nearest: Marks, events: readonly InstanceEvent[]): Progress {
  const { generation = '' } = events[0] ?? {}
  const nothing = { made: false, nearest }
  if (!takesOver(before, generation) || events.every((one) => one.type !== 'instance.healthy')) return nothing
  const facts = factsOf(before, generation)
  const healthy = new Set(Object.keys(facts).filter((id) => facts[id]?.healthyAt !== undefined))
  let most = 0
  for (const { type, instance } of events) {
    if (type === 'instance.unhealthy' || type === 'instance.lost') healthy.delete(instance)
    if (type !== 'instance.healthy') continue
    healthy.add(instance)
    if (facts[instance] === undefined) most = Math.max(most, healthy.size)
  }
  return most === 0 ? nothing : beyond(nearest, { [`healthy ${generation}`]: most })
}

function takesOver(state: RolloutState, generation: string): boolean {
  const role = state.generations[generation]?.role
  return gaining(state) === 'stable' ? role === 'stable' : role === 'candidate' || role === 'baseline'
}
