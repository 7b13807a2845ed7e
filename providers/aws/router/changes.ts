import { callFailed } from '../../../src/core/errors.ts'
import type { Weights } from '../../../src/core/ports.ts'
import { TARGET_GROUP } from '../clone/target-group-table.ts'
import { treat } from '../clone/treatment.ts'
import { nameOf, type AutoScalingGroup } from '../fleet/groups.ts'
import { MARKS, markValue } from '../marks.ts'
import type { Region } from '../region.ts'
import { routeIn, UNITS, type Route, type Routes } from './read-routes.ts'
import { writeForward } from './rules.ts'

/** See `TrafficRouter.prepare`: a target group that no rule names never gets healthy targets, so that it is named at weight 0 at once. */
export async function prepare(region: Region, routes: Routes, binding: string, signal: AbortSignal): Promise<void> {
  const arn = routeIn(routes, binding)?.arn ?? (await createTargetGroup(region, routes, binding, signal))
  for (const rule of routes.forwards)
    if (!rule.weights.has(arn)) await writeForward(region, rule, new Map([...rule.weights, [arn, 0]]), signal)
}

/** See `TrafficRouter.join`: the group registers its instances, those to come among them. */
export async function join(region: Region, routes: Routes, binding: string, group: string, signal: AbortSignal): Promise<void> {
  const route = routeIn(routes, binding)
  if (route === undefined) throw callFailed('not-found', 'join', `The fleet's rules name no target group ${binding}.`)
  const found = routes.groups.find((one) => nameOf(one) === group && one.Status === undefined)
  if (found === undefined) throw callFailed('not-found', 'join', `The fleet has no Auto Scaling group ${group}.`)
  if ((found.TargetGroupARNs ?? []).includes(route.arn)) return
  const input = { AutoScalingGroupName: group, TargetGroupARNs: [route.arn] }
  await region.caller.call('autoScaling', 'AttachLoadBalancerTargetGroups', input, signal)
}

/** See `TrafficRouter.setWeights`: read, compare, write. One write moves one rule. */
export async function setWeights(
  region: Region,
  routes: Routes,
  expected: Weights,
  wanted: Weights,
  signal: AbortSignal,
): Promise<void> {
  checkSum(wanted)
  for (const binding of Object.keys(wanted))
    if (routeIn(routes, binding) === undefined)
      throw callFailed('not-found', 'setWeights', `The fleet's rules name no target group ${binding}.`)
  for (const name of new Set([...routes.routes.map((one) => one.name), ...Object.keys(expected)])) {
    const [now, before] = [routeIn(routes, name)?.weight ?? 0, expected[name] ?? 0]
    if (now !== before) throw callFailed('conflict', 'setWeights', `${name} has weight ${now}, not ${before}: look again.`)
  }
  const weights = new Map(routes.routes.map(({ name, arn }) => [arn, wanted[name] ?? 0]))
  for (const rule of routes.forwards) await writeForward(region, rule, weights, signal)
}

/** See `TrafficRouter.leave`: a group is detached with all its instances, single ones are deregistered. */
export async function leave(
  region: Region,
  routes: Routes,
  binding: string,
  group: string,
  instances: readonly string[] | 'all',
  signal: AbortSignal,
): Promise<void> {
  const route = routeIn(routes, binding)
  const found = routes.groups.find((one) => nameOf(one) === group)
  if (route === undefined || found === undefined || !(found.TargetGroupARNs ?? []).includes(route.arn)) return
  if (instances === 'all') return await detach(region, routes.fleet, route, [found], signal)
  const members = (found.Instances ?? []).flatMap((one) => one.InstanceId ?? [])
  const leaving = instances.filter((one) => members.includes(one)).map((one) => ({ Id: one }))
  if (leaving.length === 0) return
  await region.caller.call('elb', 'DeregisterTargets', { TargetGroupArn: route.arn, Targets: leaving }, signal)
}

/** See `TrafficRouter.release`: out of every rule, then deleted, so that a late write that names it is refused. */
export async function releaseRoute(region: Region, routes: Routes, binding: string, signal: AbortSignal): Promise<void> {
  const route = routeIn(routes, binding)
  if (route === undefined) return
  const { arn, weight } = route
  if (weight > 0) throw callFailed('conflict', 'release', `The target group ${binding} has weight ${weight}; give it away first.`)
  for (const rule of routes.forwards)
    if (rule.weights.has(arn)) await writeForward(region, rule, new Map([...rule.weights].filter(([one]) => one !== arn)), signal)
  const registering = routes.groups.filter((one) => (one.TargetGroupARNs ?? []).includes(arn))
  await detach(region, routes.fleet, route, registering, signal)
  await region.caller.call('elb', 'DeleteTargetGroup', { TargetGroupArn: arn }, signal)
}

/** The target group gets the fleet's mark first: once no group registers with it, nothing else says whose it is. */
async function detach(
  { caller }: Region,
  fleet: string,
  { arn }: Route,
  groups: readonly AutoScalingGroup[],
  signal: AbortSignal,
): Promise<void> {
  if (groups.length === 0) return
  await caller.call('elb', 'AddTags', { ResourceArns: [arn], Tags: [{ Key: MARKS.fleet, Value: markValue(fleet) }] }, signal)
  for (const group of groups) {
    const input = { AutoScalingGroupName: nameOf(group), TargetGroupARNs: [arn] }
    await caller.call('autoScaling', 'DetachLoadBalancerTargetGroups', input, signal)
  }
}

/** Settings and attributes of the target group that has most of the traffic now. */
async function createTargetGroup(region: Region, { fleet, routes }: Routes, name: string, signal: AbortSignal): Promise<string> {
  const { caller } = region
  const like = routes.toSorted((a, b) => b.weight - a.weight)[0]
  const { settings, refusals } = treat(like?.group ?? {}, TARGET_GROUP)
  if (refusals.length > 0) {
    const reasons = refusals.map(({ member, why }) => `${member}: ${why}`).join('; ')
    throw callFailed('invalid', 'prepare', `The target group ${like?.name} cannot be cloned: ${reasons}.`)
  }
  const mark = { Key: MARKS.fleet, Value: markValue(fleet) }
  const { TargetGroups: made } = await caller.call('elb', 'CreateTargetGroup', { ...settings, Name: name, Tags: [mark] }, signal)
  const arn = made?.[0]?.TargetGroupArn ?? ''
  const from = { TargetGroupArn: like?.arn ?? '' }
  const { Attributes: attributes = [] } = await caller.call('elb', 'DescribeTargetGroupAttributes', from, signal)
  await caller.call('elb', 'ModifyTargetGroupAttributes', { TargetGroupArn: arn, Attributes: attributes }, signal)
  return arn
}

function checkSum(wanted: Weights): void {
  const weights = Object.values(wanted)
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum === UNITS && weights.every((weight) => Number.isInteger(weight) && weight >= 0)) return
  throw callFailed('invalid', 'setWeights', `Weights are whole numbers that sum to ${UNITS}, not ${weights.join(' + ')}.`)
}
