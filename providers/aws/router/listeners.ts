import type { Caller } from '../sdk/caller.ts'
import type { OutputOf } from '../sdk/services.ts'
import type { NativeWeights } from './shares.ts'

type Action = NonNullable<NonNullable<OutputOf<'elb', 'DescribeRules'>['Rules']>[number]['Actions']>[number]

/** A rule that forwards: a listener's default, or one of its rules. */
export interface Forward {
  readonly listener: string
  /** The rule's ARN, or the listener's where its default action is no rule. */
  readonly rule: string
  /** Whether it is the listener's default, which is written by the listener. */
  readonly isDefault: boolean
  /** All its actions, in order: writing one means writing all of them. */
  readonly actions: readonly Action[]
  /** Weights by the ARN of the target group, as they are written. */
  readonly weights: NativeWeights
}

/** All rules of these listeners that forward to target groups, their default rules among them: one call a listener. */
export async function readForwards(caller: Caller, listeners: readonly string[], signal: AbortSignal): Promise<Forward[]> {
  const answers = await Promise.all(
    listeners.map(async (listener) => {
      const { Rules: rules = [] } = await caller.call('elb', 'DescribeRules', { ListenerArn: listener }, signal)
      return rules.map((rule) => ({ ...rule, listener }))
    }),
  )
  return answers.flat().flatMap(({ listener, RuleArn: rule = '', Actions: actions = [], IsDefault: isDefault = false }) => {
    const weights = weightsOf(actions)
    return weights.size === 0 ? [] : [{ listener, rule, isDefault, actions, weights }]
  })
}

/** The default actions of these listeners that forward, which are all that a Network Load Balancer has: one call for all of them. */
export async function readDefaults(caller: Caller, listeners: readonly string[], signal: AbortSignal): Promise<Forward[]> {
  const input = { ListenerArns: [...listeners] }
  const { Listeners: found = [] } = await caller.call('elb', 'DescribeListeners', input, signal)
  return found.flatMap(({ ListenerArn: listener = '', DefaultActions: actions = [] }) => {
    const weights = weightsOf(actions)
    return weights.size === 0 ? [] : [{ listener, rule: listener, isDefault: true, actions, weights }]
  })
}

/** A target group alone has all; of several, one without a weight has 1. */
function weightsOf(actions: readonly Action[]): Map<string, number> {
  const weights = new Map<string, number>()
  for (const { Type: type, TargetGroupArn: only, ForwardConfig: forward } of actions) {
    if (type !== 'forward') continue
    const groups = forward?.TargetGroups ?? (only === undefined ? [] : [{ TargetGroupArn: only, Weight: 1 }])
    for (const { TargetGroupArn: group = '', Weight: weight = 1 } of groups) weights.set(group, weight)
  }
  return weights
}
