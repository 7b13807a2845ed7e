import type { Measurement } from '../command.ts'
import type { Fact } from '../events.ts'
import { reachable } from '../landed.ts'
import type { GenerationLook, Look } from '../look.ts'
import type { At, InstanceView, RoutedInstance } from '../snapshot.ts'
import type { RolloutState } from '../state.ts'
import { drainTimeMs, nextQuestionAt } from '../waits.ts'
import type { Orders } from './orders.ts'

/**
 * Brings the instances that are leaving to the point where they may be removed: out of the route, requests finished,
 * then the fleet's own hook. Each that got there, or whose deadline passed, becomes a fact.
 */
export function drainLeaving(state: RolloutState, look: Look, one: GenerationLook, orders: Orders): void {
  if (one.leaving.length === 0) return
  const { binding, group } = one.state
  const open = look.open.has(`members ${binding} ${group}`)
  const routed = one.leaving.filter((instance) => reachable(routedView(look, instance)))
  if (routed.length > 0 && binding !== undefined && !open)
    orders.commands.push({ kind: 'leave', binding, group, instances: routed.map((instance) => instance.id) })
  for (const instance of one.leaving) drainInstance(state, look, one, instance, orders)
  // While a write is open the look may be older than it.
  const back = open ? [] : one.leaving.filter((instance) => cameBack(look, one, instance)).map((instance) => instance.id)
  if (back.length > 0) orders.victims.push({ generation: one.state.id, group, instances: back, returned: true })
}

/**
 * Whether an instance that had left its route is in it again: it was chosen, and out of its route, because it was ill, and
 * has become well since. It has to drain anew.
 */
export function cameBack(look: Look, one: GenerationLook, instance: InstanceView): boolean {
  return one.facts[instance.id]?.drainingAt !== undefined && reachable(routedView(look, instance))
}

/**
 * The same for a whole generation that was taken out of its route.
 *
 * @returns whether every instance has drained.
 */
export function drainGeneration(state: RolloutState, look: Look, one: GenerationLook, orders: Orders): boolean {
  let done = true
  for (const instance of [...one.present, ...one.leaving]) if (!drainInstance(state, look, one, instance, orders)) done = false
  return done
}

/** How far draining has come, as events: who left is one event a generation, however many they are. */
export function drainFacts({ left, drained }: Orders): Fact[] {
  if (left.length === 0 && drained.length === 0) return []
  const began = new Map<string, string[]>()
  for (const { instance, generation } of left) {
    const instances = began.get(generation)
    if (instances === undefined) began.set(generation, [instance])
    else instances.push(instance)
  }
  return [
    ...Array.from(began, ([generation, instances]) => ({ type: 'drain.started', generation, instances }) as const),
    ...drained.map((one) => ({ type: 'instance.drained', ...one }) as const),
  ]
}

function drainInstance(state: RolloutState, look: Look, one: GenerationLook, instance: InstanceView, orders: Orders): boolean {
  const { drainingAt, askedAt, drainedAt } = one.facts[instance.id] ?? {}
  if (drainedAt !== undefined) return true
  if (drainingAt === undefined) {
    if (reachable(routedView(look, instance))) orders.waits.push({ what: `${instance.id} to leave its route` })
    else orders.left.push({ instance: instance.id, generation: one.state.id })
    return false
  }
  const { drain } = state.plan
  const untilAt = drainingAt + drainTimeMs(state.plan)
  const overdue = look.now >= untilAt
  if (!overdue) orders.waits.push({ what: `${instance.id} to drain`, untilAt, then: `${drain.onTimeout} it` })
  if (!out(look, instance, drainingAt)) return overdue && afterDeadline()
  if (drain.hook === undefined || neverServed(instance)) return drained(true)
  // The deadline is judged by an answer, not by the clock alone.
  const answered = askedAt !== undefined && askedAt >= untilAt
  if (overdue && answered && afterDeadline()) return true
  const askAt = askedAt === undefined ? look.now : askedAt + drain.everyMs
  if (look.now >= askAt || (overdue && !answered)) orders.questions.push(question(state, one, instance))
  orders.waits.push({ what: `${instance.id} to be asked again`, untilAt: nextQuestionAt(look.now, askAt, drain.everyMs) })
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

/** Out of its route, for as long as the router needs to make that true everywhere; of one that is starting nobody has heard yet. */
function out(look: Look, instance: InstanceView, drainingAt: At): boolean {
  const state = routedView(look, instance)?.state
  const propagationMs = instance.state === 'starting' ? 0 : (look.snapshot.traffic?.facts.propagationMs ?? 0)
  return (state === undefined || state === 'out') && look.now >= drainingAt + propagationMs
}

/** What has not started has nothing to finish. What looks ill is asked: a look may be wrong, and the dead are gone by themselves. */
function neverServed(instance: InstanceView): boolean {
  return instance.state === 'starting' && instance.address === undefined
}

function routedView(look: Look, instance: InstanceView): RoutedInstance | undefined {
  return look.snapshot.traffic?.routing.instances[instance.id]
}
