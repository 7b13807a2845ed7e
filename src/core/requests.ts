import type { Fact, Request } from './events.ts'
import { gateState, waypointOf, type RolloutState } from './state.ts'

/** What a person's request does to a rollout: the events by which it takes effect, or by which it is refused with the reason. Pure. */
export function answer(state: RolloutState, request: Request): Fact[] {
  const asked = { by: request.by, ...(request.reason === undefined ? {} : { reason: request.reason }) }
  const refused = refusal(state, request)
  const facts: Fact[] =
    refused === undefined ? granted(state, request) : [{ type: 'request.refused', request: request.kind, why: refused, ...asked }]
  return [...facts, { type: 'request.seen', upTo: request.seq }]
}

/** Why a request has no meaning in the present state; `undefined` when it has. */
export function refusal(state: RolloutState, request: Request): string | undefined {
  const answers = request.kind === 'approve' || request.kind === 'reject'
  if (state.phase === 'done')
    return (answers ? first(state, request.gate) : undefined) ?? `the rollout ended ${state.outcome ?? ''}`
  switch (request.kind) {
    case 'pause':
      return state.paused === undefined ? undefined : `${state.paused.by} paused it already`
    case 'resume':
      return state.paused === undefined ? 'it is not paused' : undefined
    case 'abort':
      return state.aim === 'abort' ? 'it is being aborted already' : undefined
    case 'rollback':
      return state.aim === 'back' ? 'it is rolling back already' : undefined
    case 'promote':
      if (state.aim !== 'forward') return 'it is not going forward any more'
      return waypointOf(state) === undefined ? 'every gate is open already' : undefined
    case 'approve':
    case 'reject':
      return answered(state, request.gate)
  }
}

function answered(state: RolloutState, id: string): string | undefined {
  const gate = waypointOf(state)?.gates.find((one) => one.kind === 'approval' && one.id === id)
  const known = gate === undefined ? undefined : gateState(state, gate)
  if (known?.requestedAt !== undefined && known.answer === undefined) return undefined
  return first(state, id) ?? (known === undefined ? `no approval ${id} is waited for` : `the approval ${id} is not asked for yet`)
}

/** Who answered an approval first, also when what followed is long past. */
function first({ answers }: RolloutState, id: string): string | undefined {
  const known = Object.hasOwn(answers, id) ? answers[id] : undefined
  return known === undefined ? undefined : `${known.by} ${known.yes ? 'approved' : 'rejected'} it first`
}

function granted(state: RolloutState, request: Request): Fact[] {
  const asked = { by: request.by, ...(request.reason === undefined ? {} : { reason: request.reason }) }
  switch (request.kind) {
    case 'pause':
      return [{ type: 'rollout.paused', ...asked }]
    case 'resume':
      return [{ type: 'rollout.resumed', ...asked }]
    case 'abort':
      return [{ type: 'rollout.aborting', cause: `${request.by} asked for it`, ...asked }]
    case 'rollback':
      return [{ type: 'rollback.started', cause: `${request.by} asked for it`, ...asked }]
    case 'promote': {
      const promoted: Fact = { type: 'gate.promoted', waypoint: waypointOf(state)?.id ?? '', full: request.full, ...asked }
      return state.paused === undefined ? [promoted] : [promoted, { type: 'rollout.resumed', ...asked }]
    }
    case 'approve':
    case 'reject': {
      const type = request.kind === 'approve' ? 'gate.approved' : 'gate.rejected'
      return [
        { type, gate: request.gate, by: request.by, ...(request.comment === undefined ? {} : { comment: request.comment }) },
      ]
    }
  }
}
