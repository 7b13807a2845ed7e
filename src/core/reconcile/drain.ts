import type { Measurement } from '../command.ts'
import type { GenerationLook, Look } from '../look.ts'
import type { At, InstanceView } from '../snapshot.ts'
import type { RolloutState } from '../state.ts'
import { drainTimeMs } from '../waits.ts'
import type { Orders } from './orders.ts'

/**
 * Brings the instances that are leaving to the point where they may be removed: out of the route, requests finished,
 * then the fleet's own hook. Each that got there, or whose deadline passed, becomes a fact.
 */
export function drainLeaving(state: RolloutState, look: Look, one: GenerationLook, orders: Orders): void {
  const routed = one.leaving.filter((instance) => routedState(look, instance) === 'in')
  const { binding, group } = one.state
  if (routed.length > 0 && binding !== undefined && !look.open.has(`members ${binding} ${group}`))
    orders.commands.push({ kind: 'leave', binding, group, instances: routed.map((instance) => instance.id) })
  for (const instance of one.leaving)
    drainInstance(state, look, one, instance, one.facts[instance.id]?.leavingAt ?? look.now, orders)
  const back = one.leaving.filter((instance) => cameBack(state, look, one, instance)).map((instance) => instance.id)
  if (back.length > 0) orders.victims.push({ generation: one.state.id, group, instances: back })
}

/**
 * Whether an instance that had drained serves again: it was chosen, and out of its route, because it was ill, and has
 * become well since. It has to drain anew. One that was given up at its deadline has not come back.
 */
export function cameBack(state: RolloutState, look: Look, one: GenerationLook, instance: InstanceView): boolean {
  const { leavingAt = 0, drainedAt } = one.facts[instance.id] ?? {}
  if (drainedAt === undefined || drainedAt >= leavingAt + drainTimeMs(state.plan)) return false
  return routedState(look, instance) === 'in'
}

/**
 * The same for a whole generation that was taken out of its route at `sinceAt`.
 *
 * @returns whether every instance has drained.
 */
export function drainGeneration(state: RolloutState, look: Look, one: GenerationLook, sinceAt: At, orders: Orders): boolean {
  let done = true
  for (const instance of [...one.present, ...one.leaving])
    if (!drainInstance(state, look, one, instance, one.facts[instance.id]?.leavingAt ?? sinceAt, orders)) done = false
  return done
}

function drainInstance(
  state: RolloutState,
  look: Look,
  one: GenerationLook,
  instance: InstanceView,
  sinceAt: At,
  orders: Orders,
): boolean {
  const fact = one.facts[instance.id]
  if (fact?.drainedAt !== undefined) return true
  const { drain } = state.plan
  const untilAt = sinceAt + drainTimeMs(state.plan)
  const overdue = look.now >= untilAt
  if (!overdue) orders.waits.push({ what: `${instance.id} to drain`, untilAt, then: `${drain.onTimeout} it` })
  if (!out(look, instance, sinceAt)) return overdue && afterDeadline()
  if (drain.hook === undefined || neverServed(instance)) return drained(true)
  // The deadline is judged by an answer, not by the clock alone.
  const answered = fact?.askedAt !== undefined && fact.askedAt >= untilAt
  if (overdue && answered && afterDeadline()) return true
  const askAt = fact?.askedAt === undefined ? look.now : fact.askedAt + drain.everyMs
  if (look.now >= askAt || (overdue && !answered)) orders.questions.push(question(state, one, instance))
  else orders.waits.push({ what: `${instance.id} to be asked again`, untilAt: askAt })
  return false

  function drained(clean: boolean): boolean {
    orders.drained.push({ instance: instance.id, generation: one.state.id, clean })
    return true
  }
  function afterDeadline(): boolean {
    if (drain.onTimeout === 'remove') return drained(false)
    const why = `${instance.id} has not drained by its deadline`
    if (drain.onTimeout === 'pause') orders.needsPerson = { why, next: 'let it finish and resume, or roll back' }
    return false
  }
}

function question(state: RolloutState, { state: one }: GenerationLook, { id, address }: InstanceView): Measurement {
  const { group, release, binding } = one
  return {
    kind: 'drain',
    instance: id,
    generation: one.id,
    key: `${state.rolloutId}/drain/${id}`,
    subject: {
      group,
      release,
      ...(binding === undefined ? {} : { binding }),
      ...(address === undefined ? {} : { endpoint: address }),
    },
  }
}

/** Out of its route, for as long as the router needs to make that true everywhere. */
function out(look: Look, instance: InstanceView, sinceAt: At): boolean {
  const routed = routedState(look, instance)
  return (routed === undefined || routed === 'out') && look.now >= sinceAt + (look.snapshot.traffic?.facts.propagationMs ?? 0)
}

/** What has not started has nothing to finish. What looks ill is asked: a look may be wrong, and the dead are gone by themselves. */
function neverServed(instance: InstanceView): boolean {
  return instance.state === 'starting' && instance.address === undefined
}

function routedState(look: Look, instance: InstanceView): string | undefined {
  return look.snapshot.traffic?.routing.instances[instance.id]?.state
}
