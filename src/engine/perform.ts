import { portOf, type Command } from '../core/command.ts'
import type { Intent } from '../core/decide.ts'
import { callFailed, isRolloutError } from '../core/errors.ts'
import type { Fact } from '../core/events.ts'
import type { Json } from '../core/json.ts'
import type { Accepted, CallContext } from '../core/ports.ts'
import type { Release } from '../core/snapshot.ts'
import type { RolloutState } from '../core/state.ts'
import { classOf, type Call } from './calls.ts'
import { bounded } from './deadline.ts'
import type { Runtime } from './runtime.ts'
import type { Watched } from './take-look.ts'

// P1. A call is made only after its intent is in the journal.
// P2. A call is sent while its intent is young, or not at all: how late it may land is reckoned from the intent.
// P3. Every call ends as accepted, refused or unknown; an unknown one is never taken for either, nor one that was not made.

/** How a call ended, with the handle that is journaled sealed. */
export interface Outcome {
  readonly fact: Fact
  readonly handle?: string
}

/**
 * Makes the calls of a turn side by side: they are about different resources, and each has its deadline.
 *
 * @param leftMs how long a call may still take.
 */
export async function perform(
  runtime: Runtime,
  watched: Watched,
  state: RolloutState,
  launch: Json,
  intents: readonly Intent[],
  leftMs: () => number,
  signal: AbortSignal | undefined,
): Promise<Outcome[]> {
  return await Promise.all(intents.map((intent) => performOne(runtime, watched, state, launch, intent, leftMs(), signal)))
}

async function performOne(
  runtime: Runtime,
  watched: Watched,
  state: RolloutState,
  launch: Json,
  { id, command }: Intent,
  leftMs: number,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  if (leftMs <= 0) return { fact: { type: 'command.withheld', id } }
  // The plan's id is in it, because a store that was lost and made anew gives the same rollout ids again.
  const token = `${state.rolloutId}/${state.plan.id}/${id}`
  try {
    const accepted = await bounded(runtime.system.clock, leftMs, signal, command.kind, (within) =>
      runtime.caller.call(
        { ...calledBy(watched, command), name: command.kind, times: 2 },
        () => carryOut(watched, state, launch, command, { signal: within, token }),
        within,
      ),
    )
    return { fact: { type: 'command.accepted', id }, ...(accepted.handle === undefined ? {} : { handle: accepted.handle }) }
  } catch (error) {
    const failure = classOf(error)
    const message = isRolloutError(error) ? error.message : 'the call failed without a reason'
    if (failure === 'unknown') return { fact: { type: 'command.unknown', id, message } }
    return { fact: { type: 'command.refused', id, class: failure, message } }
  }
}

function calledBy({ providerName, router }: Watched, command: Command): Pick<Call, 'port' | 'target'> {
  const port = portOf(command)
  return { port, target: port === 'router' ? (router?.kind ?? 'none') : providerName }
}

async function carryOut(
  watched: Watched,
  state: RolloutState,
  launch: Json,
  command: Command,
  context: CallContext,
): Promise<Accepted> {
  const { provider, target } = watched
  switch (command.kind) {
    case 'hold': {
      const { group, hold, expiresAt, min, previousMin } = command
      const mark = { kind: hold, owner: state.rolloutId, epoch: state.epoch, expiresAt, store: state.plan.fleet.store }
      return await provider.hold(target, group, { ...mark, ...(previousMin === undefined ? {} : { previousMin }) }, min, context)
    }
    case 'release':
      return await provider.release(target, command.group, command.hold, command.owner ?? state.rolloutId, context)
    case 'ensure-group': {
      const { group, like, size, binding } = command
      const release = releaseOf(state, command.release)
      const sealed = release.id === state.plan.candidate.release.id ? launch : null
      const request = {
        group,
        release,
        sealed,
        like,
        size,
        rolloutId: state.rolloutId,
        ...(binding === undefined ? {} : { binding }),
      }
      return await provider.ensureGroup(target, request, context)
    }
    case 'resize':
      return await provider.resize(target, command.group, command.sizes, command.version, context)
    case 'remove':
      return await provider.remove(target, command.group, command.instances, command.sizesAfter, context)
    case 'retire':
      return await provider.retire(target, command.group, context)
    case 'update':
    case 'stop-update':
      return await update(watched, command, context)
    case 'prepare':
    case 'join':
    case 'leave':
    case 'set-weights':
    case 'release-route':
      return await route(watched, command, context)
  }
}

/** Core orders the updater only of a provider that says it has one. */
async function update(
  { provider: { updater }, target }: Watched,
  command: Extract<Command, { kind: 'update' | 'stop-update' }>,
  context: CallContext,
): Promise<Accepted> {
  if (updater === undefined) throw callFailed('invalid', command.kind, 'The provider has no updater, though it says that it has.')
  if (command.kind === 'stop-update') return await updater.stop(target, command.group, context)
  const { kind: _, group, ...request } = command
  return await updater.start(target, group, request, context)
}

type RouteCommand = Extract<Command, { kind: 'prepare' | 'join' | 'leave' | 'set-weights' | 'release-route' }>

async function route({ router, target }: Watched, command: RouteCommand, context: CallContext): Promise<Accepted> {
  // Core orders routing only for a fleet whose look had a router.
  if (router === undefined) return {}
  switch (command.kind) {
    case 'prepare':
      return await router.prepare(target, command.binding, context)
    case 'join':
      return await router.join(target, command.binding, command.group, context)
    case 'leave':
      return await router.leave(target, command.binding, command.group, command.instances, context)
    case 'set-weights':
      return await router.setWeights(target, command.expected, command.wanted, context)
    case 'release-route':
      return await router.release(target, command.binding, context)
  }
}

function releaseOf(state: RolloutState, id: string): Release {
  const { stable, candidate } = state.plan
  return id === stable.release.id ? stable.release : candidate.release
}
