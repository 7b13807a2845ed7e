import { resourcesOf } from '../command.ts'
import type { EventOf } from '../events.ts'
import { nextGroupName } from '../naming.ts'
import type { PlannedGeneration, PublicPlan } from '../plan.ts'
import { UNMEASURED, type GenerationState, type RolloutState } from '../state.ts'
import { NO_CHANGE, type Change } from './change.ts'

/** Reducers of the events about generations. */
export const GENERATIONS = {
  'generation.created': changedGeneration,
  'generation.retired': changedGeneration,
  'generation.missing': changedGeneration,
  'generation.found': changedGeneration,
  'generation.lost': changedGeneration,
  'generation.kept': changedGeneration,
  'launch.failed': changedGeneration,
}

/** The state of a rollout that has just been journaled. */
export function afterStart(event: EventOf<'rollout.started'>): RolloutState {
  const { plan } = event
  return {
    rolloutId: event.rolloutId,
    fleet: event.fleet,
    plan,
    seq: event.seq,
    at: event.at,
    startedAt: event.at,
    epoch: event.epoch,
    phase: 'planned',
    aim: 'forward',
    cause: '',
    index: 0,
    enteredAt: event.at,
    entered: false,
    stuck: false,
    ready: false,
    // The clock runs from the first waypoint on: nobody has driven it before.
    unready: { spentMs: 0 },
    nearest: UNMEASURED,
    gates: {},
    answers: {},
    full: false,
    paused: undefined,
    demand: plan.recorded.size,
    generations: plannedGenerations(plan),
    roles: { stable: plan.stable.generation, candidate: plan.candidate.generation },
    flights: [],
    setbacks: {},
    instances: {},
    routing: plan.recorded.weights === undefined ? [] : [{ units: plan.recorded.weights, at: event.at }],
    deaths: 0,
    commands: 0,
    requestsSeen: 0,
    bakeOwedMs: 0,
    held: [],
    claimed: false,
    refusals: {},
    updates: {},
  }
}

function plannedGenerations(plan: PublicPlan): RolloutState['generations'] {
  const { stable, candidate, recorded } = plan
  const inPlace = candidate.group === stable.group
  const generations: Record<string, GenerationState> = {
    [stable.generation]: generation('stable', stable, true, stable.size ?? recorded.size, recorded.failures),
    [candidate.generation]: generation('candidate', candidate, false, candidate.size ?? 0, inPlace ? recorded.failures : 0),
  }
  for (const one of plan.leftovers) generations[one.generation] = generation('leftover', one, true, one.size ?? 0, 0)
  return generations
}

/** A change of direction: back to the recorded release, a stop here, or all traffic to what is left. */
export function afterAim(
  state: RolloutState,
  event: EventOf<'rollback.started' | 'rollback.failed' | 'rollout.aborting' | 'salvage.started'>,
): Change {
  if (event.type === 'rollback.failed') return { stuck: true, cause: event.cause, unready: { sinceAt: event.at, spentMs: 0 } }
  const turned: Change = {
    cause: event.cause,
    paused: undefined,
    index: 0,
    gates: {},
    ready: false,
    full: false,
    deaths: 0,
    bakeOwedMs: 0,
    enteredAt: event.at,
    entered: false,
    unready: { spentMs: 0 },
  }
  if (event.type === 'rollout.aborting') return { ...turned, aim: 'abort' }
  if (event.type === 'salvage.started') return { ...turned, aim: 'salvage' }
  return { ...turned, aim: 'back', phase: 'rolling-back', ...stableRebuilt(state) }
}

/** The poison rule: a condemned stable is never relied on again; going back builds a new generation of its release. */
function stableRebuilt(state: RolloutState): Change {
  const id = state.roles.stable
  const old = id === undefined ? undefined : state.generations[id]
  if (old === undefined || (!old.condemned && !old.gone) || state.plan.fleet.placement.kind === 'in-place') return NO_CHANGE
  const rebuilt = state.plan.fleet.placement.kind === 'slots' ? inItsSlot(state, old) : besideIt(state, old)
  return {
    roles: { ...state.roles, stable: rebuilt.id },
    generations: { ...state.generations, [old.id]: { ...old, role: 'leftover' }, [rebuilt.id]: rebuilt },
  }
}

function besideIt({ plan, generations }: RolloutState, old: GenerationState): GenerationState {
  const group = nextGroupName(Object.values(generations).map((one) => one.group))
  const binding = old.binding === plan.candidate.binding ? old.binding : group
  const { release } = plan.stable
  const planned = { generation: group, group, release, ...(old.binding === undefined ? {} : { binding }) }
  return generation('stable', planned, false, 0, 0)
}

/** There is no third slot: the same one is filled anew once it is empty. */
function inItsSlot({ plan, generations }: RolloutState, old: GenerationState): GenerationState {
  const fillings = Object.values(generations).filter((one) => one.group === old.group).length
  const planned = { ...plan.stable, generation: `${old.group}#${fillings + 1}` }
  return { ...generation('stable', planned, false, 0, 0), follows: old.id }
}

/** Failures that say nothing about the image. */
const SHORTAGES: ReadonlySet<string> = new Set(['capacity', 'quota', 'throttled'])

/** What was seen of a generation as a whole. */
function changedGeneration(
  state: RolloutState,
  event: EventOf<
    | 'generation.created'
    | 'generation.retired'
    | 'generation.missing'
    | 'generation.found'
    | 'generation.lost'
    | 'generation.kept'
    | 'launch.failed'
  >,
): Change {
  const before = state.generations[event.generation]
  if (before === undefined) return NO_CHANGE
  const { missingSinceAt: _, ...found } = before
  const mourned = event.type === 'launch.failed' && before.role === 'candidate' && !SHORTAGES.has(event.class)
  const deaths = state.deaths + (mourned ? event.count - before.failuresSeen : 0)
  return { deaths, setbacks: setbacks(), generations: { ...state.generations, [event.generation]: changed() } }

  /** Nothing more is tried with what is left behind, and what was refused of one that is gone says nothing any more. */
  function setbacks(): RolloutState['setbacks'] {
    if (event.type !== 'generation.kept' && event.type !== 'generation.lost') return state.setbacks
    const given = resourcesOf(found)
    return Object.fromEntries(Object.entries(state.setbacks).filter(([resource]) => !given.includes(resource)))
  }
  function changed(): GenerationState {
    switch (event.type) {
      case 'generation.created':
        return { ...found, exists: true }
      case 'generation.found':
        return found
      case 'generation.missing':
        return { ...found, missingSinceAt: event.at }
      case 'generation.retired':
        return { ...found, exists: false, gone: true, condemned: true }
      case 'generation.lost':
        return { ...found, exists: false, gone: true, condemned: true, lost: true }
      case 'generation.kept':
        return { ...found, keptFor: event.why }
      case 'launch.failed':
        return { ...found, failuresSeen: event.count, lastFailure: event.message }
    }
  }
}

function generation(
  role: GenerationState['role'],
  planned: PlannedGeneration,
  exists: boolean,
  asked: number,
  failuresSeen: number,
): GenerationState {
  return {
    id: planned.generation,
    role,
    group: planned.group,
    release: planned.release.id,
    ...(planned.binding === undefined ? {} : { binding: planned.binding }),
    exists,
    condemned: false,
    gone: false,
    lost: false,
    failuresSeen,
    asked,
  }
}
