import { callFailed, isRolloutError } from '../../../src/core/errors.ts'
import type { Weights } from '../../../src/core/ports.ts'
import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import { MARKS } from '../marks.ts'
import type { Region } from '../region.ts'
import type { Caller } from '../sdk/caller.ts'
import { ensureTargetGroup, findOwned } from './make-target-group.ts'
import { erase, note } from './notes.ts'
import { pointAt } from './preview.ts'
import { mostUsed, registering, routeIn, type Route, type Routes } from './read-routes.ts'
import { writeForward } from './rules.ts'
import { nativeWeights, UNITS, type NativeWeights } from './shares.ts'
import type { Forward } from './listeners.ts'

/** See `TrafficRouter.prepare`: a target group that no rule names never gets healthy targets, so that it is named at weight 0 at once. */
export async function prepare({ caller }: Region, routes: Routes, binding: string, signal: AbortSignal): Promise<void> {
  const known = routeIn(routes, binding)
  if (known?.leaving === true) throw callFailed('conflict', 'prepare', `The target group ${binding} is being taken away.`)
  await note(caller, routes, 'made', binding, signal)
  const arn = known?.group?.TargetGroupArn ?? (await made(caller, routes, binding, signal))
  // Before the rules name it: a route that is seen has its preview.
  await pointAt(caller, routes.preview, arn, signal)
  for (const rule of routes.forwards)
    if (!rule.weights.has(arn)) await writeForward(caller, rule, new Map([...rule.weights, [arn, 0]]), signal)
  await erase(caller, routes.listeners, binding, signal)
}

/** What was refused is not begun: nobody would look for its note, or for what was made of it, before the fleet's next release. */
async function made(caller: Caller, routes: Routes, binding: string, signal: AbortSignal): Promise<string> {
  try {
    return await ensureTargetGroup(caller, routes, binding, signal)
  } catch (error) {
    if (isRolloutError(error, 'call-failed') && error.facts.class !== 'unknown') await clearBegun(caller, routes, binding, signal)
    throw error
  }
}

/** See `TrafficRouter.join`: the group registers its instances, those to come among them. */
export async function join(
  { caller }: Region,
  routes: Routes,
  binding: string,
  group: string,
  signal: AbortSignal,
): Promise<void> {
  const arn = arnOf(routes, binding, 'join')
  const found = routes.groups.find((one) => nameOf(one) === group && one.Status === undefined)
  if (found === undefined) throw callFailed('not-found', 'join', `The fleet has no Auto Scaling group ${group}.`)
  if ((found.TargetGroupARNs ?? []).includes(arn)) return
  const input = { AutoScalingGroupName: group, TargetGroupARNs: [arn] }
  await caller.call('autoScaling', 'AttachLoadBalancerTargetGroups', input, signal)
}

/** See `TrafficRouter.setWeights`: read, compare, write. One write moves one rule. */
export async function setWeights(
  { caller }: Region,
  routes: Routes,
  expected: Weights,
  wanted: Weights,
  signal: AbortSignal,
): Promise<void> {
  checkSum(wanted)
  for (const binding of Object.keys(wanted)) arnOf(routes, binding, 'setWeights')
  for (const name of new Set([...routes.routes.map((one) => one.name), ...Object.keys(expected)])) {
    const [now, before] = [routeIn(routes, name)?.weight ?? 0, expected[name] ?? 0]
    if (now !== before) throw callFailed('conflict', 'setWeights', `${name} has weight ${now}, not ${before}: look again.`)
  }
  const staying = routes.routes.filter((one) => !one.leaving)
  const weights = new Map(staying.map(({ name }) => [arnOf(routes, name, 'setWeights'), wanted[name] ?? 0]))
  const writes = routes.forwards.map((rule) => [rule, sharedAnew(routes, rule, weights)] as const)
  for (const [rule, native] of writes) await writeForward(caller, rule, native, signal)
}

/** @throws RolloutError `call-failed` of class `conflict` where other people's target groups have so much that the rest cannot be shared. */
function sharedAnew({ foreign }: Routes, { rule, weights: now }: Forward, wanted: NativeWeights): NativeWeights {
  const native = nativeWeights(now, wanted, foreign)
  if (native !== undefined) return native
  const parts = [...now].map(([arn, weight]) => `${foreign.has(arn) ? 'another fleet' : 'this fleet'} ${weight}`)
  throw callFailed(
    'conflict',
    'setWeights',
    `The rule ${rule} gives ${parts.join(', ')}: the part of this fleet cannot be shared as ${[...wanted.values()].join(' to ')}.`,
  )
}

/** See `TrafficRouter.leave`: a group is detached with all its instances, single ones are deregistered. */
export async function leave(
  { caller }: Region,
  routes: Routes,
  binding: string,
  group: string,
  instances: readonly string[] | 'all',
  signal: AbortSignal,
): Promise<void> {
  const arn = routeIn(routes, binding)?.group?.TargetGroupArn
  const found = registering(routes.groups, arn).find((one) => nameOf(one) === group)
  if (arn === undefined || found === undefined) return
  if (instances === 'all') {
    // Once no group registers with it, nothing else says whose it is.
    await mark(caller, routes, arn, signal)
    return await detach(caller, arn, [found], signal)
  }
  const members = (found.Instances ?? []).flatMap((one) => one.InstanceId ?? [])
  const leaving = instances.filter((one) => members.includes(one)).map((one) => ({ Id: one }))
  if (leaving.length === 0) return
  await caller.call('elb', 'DeregisterTargets', { TargetGroupArn: arn, Targets: leaving }, signal)
}

/** See `TrafficRouter.release`: out of every rule, then deleted, so that a late write that names it is refused. */
export async function releaseRoute({ caller }: Region, routes: Routes, binding: string, signal: AbortSignal): Promise<void> {
  const route = routeIn(routes, binding)
  if (route !== undefined && route.weight > 0)
    throw callFailed('conflict', 'release', `The target group ${binding} has weight ${route.weight}; give it away first.`)
  if (route !== undefined) await takeAway(caller, routes, route, signal)
  for (const name of routes.notes.made) if (name !== route?.name) await clearBegun(caller, routes, name, signal)
}

async function takeAway(caller: Caller, routes: Routes, { name, group }: Route, signal: AbortSignal): Promise<void> {
  await note(caller, routes, 'leaving', name, signal)
  const arn = group?.TargetGroupArn
  if (arn !== undefined) {
    const staying = mostUsed(routes.routes.filter((one) => one.name !== name))?.group?.TargetGroupArn
    if (staying !== undefined && routes.preview?.weights.has(arn) === true) await pointAt(caller, routes.preview, staying, signal)
    for (const rule of routes.forwards)
      if (rule.weights.has(arn))
        await writeForward(caller, rule, new Map([...rule.weights].filter(([one]) => one !== arn)), signal)
    // Its group may be gone, whoever deleted it: then nothing has said yet that it is the fleet's to delete.
    await mark(caller, routes, arn, signal)
    await detach(caller, arn, registering(routes.groups, arn), signal)
    await caller.call('elb', 'DeleteTargetGroup', { TargetGroupArn: arn }, signal)
  }
  await erase(caller, routes.listeners, name, signal)
}

/**
 * Of what somebody began to make and died: the note, where a rule names it by now, and else the target group too. Only one that bears the
 * fleet's mark: the note is written before the target group is there.
 */
async function clearBegun(caller: Caller, routes: Routes, name: string, signal: AbortSignal): Promise<void> {
  const found = routeIn(routes, name) === undefined ? await findOwned(caller, name, routes.mark, signal) : undefined
  if (found?.own === true) await caller.call('elb', 'DeleteTargetGroup', { TargetGroupArn: found.arn }, signal)
  await erase(caller, routes.listeners, name, signal)
}

/** The target group of a route that is there to stay. */
function arnOf(routes: Routes, binding: string, call: string): string {
  const route = routeIn(routes, binding)
  const arn = route?.group?.TargetGroupArn
  if (arn !== undefined && route?.leaving === false) return arn
  throw callFailed('not-found', call, `The fleet's rules name no target group ${binding}.`)
}

async function mark(caller: Caller, { marked, mark: value }: Routes, arn: string, signal: AbortSignal): Promise<void> {
  if (marked.has(arn)) return
  await caller.call('elb', 'AddTags', { ResourceArns: [arn], Tags: [{ Key: MARKS.fleet, Value: value }] }, signal)
}

async function detach(caller: Caller, arn: string, groups: readonly AutoScalingGroup[], signal: AbortSignal): Promise<void> {
  for (const group of groups) {
    const input = { AutoScalingGroupName: nameOf(group), TargetGroupARNs: [arn] }
    await caller.call('autoScaling', 'DetachLoadBalancerTargetGroups', input, signal)
  }
}

function checkSum(wanted: Weights): void {
  const weights = Object.values(wanted)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum === UNITS && weights.every((weight) => Number.isInteger(weight) && weight >= 0)) return
  throw callFailed('invalid', 'setWeights', `Weights are whole numbers that sum to ${UNITS}, not ${weights.join(' + ')}.`)
}
