import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import { findGroups, nameOf, type AutoScalingGroup } from '../fleet/groups.ts'
import { MARKS, markValue, tagged } from '../marks.ts'
import type { Region } from '../region.ts'
import type { Caller } from '../sdk/caller.ts'
import type { OutputOf } from '../sdk/services.ts'
import { readForwards, type Forward } from './listeners.ts'

/** A target group as Elastic Load Balancing describes it. */
export type TargetGroup = NonNullable<OutputOf<'elb', 'DescribeTargetGroups'>['TargetGroups']>[number]

/** A target group of the fleet: its name is the route's. */
export interface Route {
  readonly name: string
  readonly arn: string
  readonly group: TargetGroup
  /** In units. */
  readonly weight: number
}

/** The rules of a fleet, its target groups, and the groups that register with them. */
export interface Routes {
  readonly fleet: string
  readonly groups: readonly AutoScalingGroup[]
  readonly forwards: readonly Forward[]
  readonly routes: readonly Route[]
}

/** Weights are percent: AWS's own go from 0 to 999 and need not sum to anything. */
export const UNITS = 100
/** DescribeTags takes no more at once. */
const TAGS_A_CALL = 20

/**
 * The rules of these listeners that name the fleet: those that forward to a target group which one of its groups registers with, or
 * which bears its mark, as one does that its group has left.
 *
 * @throws RolloutError `call-failed` of class `not-found` when there is none.
 */
export async function readRoutes(
  region: Region,
  listeners: readonly string[],
  target: FleetTarget,
  call: string,
  signal: AbortSignal,
): Promise<Routes> {
  const { caller } = region
  const [found, all] = await Promise.all([findGroups(region, target, signal), readForwards(caller, listeners, signal)])
  const named = [...new Set(all.flatMap((one) => [...one.weights.keys()]))]
  const marked = await readMarked(caller, named, markValue(found.id), signal)
  const own = new Set([...marked, ...found.groups.flatMap((one) => one.TargetGroupARNs ?? [])])
  const forwards = all.filter((one) => [...one.weights.keys()].some((arn) => own.has(arn)))
  if (forwards.length === 0)
    throw callFailed('not-found', call, `No rule of ${listeners.join(', ')} forwards to ${found.groups.map(nameOf).join(', ')}.`)
  const arns = [...new Set([...own, ...forwards.flatMap((one) => [...one.weights.keys()])])]
  const { TargetGroups: described = [] } = await caller.call('elb', 'DescribeTargetGroups', { TargetGroupArns: arns }, signal)
  const weights = commonWeights(forwards)
  const routes = described.map((group) => {
    const { TargetGroupArn: arn = '', TargetGroupName: name = '' } = group
    return { name, arn, group, weight: weights.get(arn) ?? 0 }
  })
  return { fleet: found.id, groups: found.groups, forwards, routes }
}

/** A route by its name. */
export function routeIn({ routes }: Routes, binding: string): Route | undefined {
  return routes.find((one) => one.name === binding)
}

/** Which of these target groups bear the fleet's mark. */
async function readMarked(caller: Caller, arns: readonly string[], mark: string, signal: AbortSignal): Promise<string[]> {
  const marked: string[] = []
  for (let from = 0; from < arns.length; from += TAGS_A_CALL) {
    const input = { ResourceArns: arns.slice(from, from + TAGS_A_CALL) }
    const { TagDescriptions: found = [] } = await caller.call('elb', 'DescribeTags', input, signal)
    for (const { ResourceArn: arn = '', Tags: tags } of found) if (tagged(tags, MARKS.fleet) === mark) marked.push(arn)
  }
  return marked
}

/** In units. Rules that say different things are in the middle of a change, or somebody's own: then the least of them counts. */
function commonWeights(forwards: readonly Forward[]): Map<string, number> {
  const common = new Map<string, number>()
  for (const { weights } of forwards) {
    const sum = [...weights.values()].reduce((total, weight) => total + weight, 0)
    for (const [group, weight] of weights) {
      const units = sum === 0 ? 0 : Math.floor((weight * UNITS) / sum)
      common.set(group, Math.min(units, common.get(group) ?? UNITS))
    }
  }
  return common
}
