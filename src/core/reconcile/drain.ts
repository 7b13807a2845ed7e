import type { GenerationLook, Look } from '../look.ts'
import type { InstanceView } from '../snapshot.ts'
import type { RolloutState } from '../state.ts'
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
    drainInstance(state, look, one, instance, state.instances[instance.id]?.leavingAt ?? look.now, orders)
}

/**
 * The same for a whole generation that was taken out of its route at `sinceAt`.
 *
 * @returns whether every instance has drained.
 */
export function drainGeneration(state: RolloutState, look: Look, one: GenerationLook, sinceAt: number, orders: Orders): boolean {
  let done = true
  for (const instance of [...one.present, ...one.leaving])
    if (!drainInstance(state, look, one, instance, state.instances[instance.id]?.leavingAt ?? sinceAt, orders)) done = false
  return done
}

function drainInstance(
  state: RolloutState,
  look: Look,
  one: GenerationLook,
  instance: InstanceView,
  sinceAt: number,
  orders: Orders,
): boolean {
  if (state.instances[instance.id]?.drainedAt !== undefined) return true
  const { drain } = state.plan
  const traffic = look.snapshot.traffic
  const routeDeadline = traffic?.facts.drainDeadlineMs ?? 0
  const untilAt = sinceAt + routeDeadline + (drain.hook === undefined ? 0 : drain.deadlineMs)
  const out = routedState(look, instance) === undefined || routedState(look, instance) === 'out'
  const settledAt = sinceAt + (traffic?.facts.propagationMs ?? 0)
  const clean = out && look.now >= settledAt && (drain.hook === undefined || instance.state !== 'healthy')
  if (clean) return drained(true)
  if (look.now >= untilAt) return afterDeadline()
  orders.waits.push({ what: `${instance.id} to drain`, untilAt, then: `${drain.onTimeout} it` })
  if (out && look.now >= settledAt) askHook()
  return false

  function drained(cleanly: boolean): boolean {
    orders.drained.push({ instance: instance.id, generation: one.state.id, clean: cleanly })
    return true
  }
  function afterDeadline(): boolean {
    if (drain.onTimeout === 'remove') return drained(false)
    if (drain.onTimeout === 'pause')
      orders.needsPerson = {
        why: `${instance.id} has not drained by its deadline`,
        next: 'let it finish and resume, or roll back',
      }
    return false
  }
  function askHook(): void {
    const { group, release, binding } = one.state
    orders.questions.push({
      kind: 'drain',
      instance: instance.id,
      generation: one.state.id,
      key: `${state.rolloutId}/drain/${instance.id}`,
      subject: {
        group,
        release,
        ...(binding === undefined ? {} : { binding }),
        ...(instance.address === undefined ? {} : { endpoint: instance.address }),
      },
    })
  }
}

function routedState(look: Look, instance: InstanceView): string | undefined {
  return look.snapshot.traffic?.routing.instances[instance.id]?.state
}
