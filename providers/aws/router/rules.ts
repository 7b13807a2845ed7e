import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Caller } from '../sdk/caller.ts'
import type { Forward } from './listeners.ts'
import type { NativeWeights } from './shares.ts'

/** Writes the target groups and weights of a rule; its other actions and its stickiness stay as they are. */
export async function writeForward(caller: Caller, rule: Forward, weights: NativeWeights, signal: AbortSignal): Promise<void> {
  const actions = rule.actions.map((one) => (one.Type === 'forward' ? forwarding(one, weights) : one))
  if (rule.isDefault) await caller.call('elb', 'ModifyListener', { ListenerArn: rule.listener, DefaultActions: actions }, signal)
  else await caller.call('elb', 'ModifyRule', { RuleArn: rule.rule, Actions: actions }, signal)
}

/** AWS refuses an action that names a single target group twice over, by itself and in its forward. */
function forwarding({ TargetGroupArn: _alone, ForwardConfig: config, ...action }: Action, weights: NativeWeights): Action {
  const groups = [...weights].map(([arn, weight]) => ({ TargetGroupArn: arn, Weight: weight }))
  return { ...action, ForwardConfig: { ...config, TargetGroups: groups } }
}
