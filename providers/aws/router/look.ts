import type { Can, Preview, RoutedInstance, RouterFacts, RouterLook } from '../../../src/core/snapshot.ts'
import { SETTLE_MS } from '../fleet/facts.ts'
import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import type { Region } from '../region.ts'
import { readTargets } from './target-health.ts'
import { isPointedAt, type PreviewWay } from './preview.ts'
import type { Notes } from './notes.ts'
import { registering, type Route, type Routes } from './read-routes.ts'
import { isDivisible, UNITS } from './shares.ts'

/** How long a deregistered target is drained, unless its target group says otherwise. */
const DRAIN_MS = 300_000
/** Beside the drain itself, for AWS to say that it is over. */
const DRAIN_MARGIN_MS = 60_000
/** Until every node of a load balancer has a new weight; AWS says seconds and no number. */
const PROPAGATION_MS = 10_000
const LATE_CALL_HORIZON_MS = 60_000

/** The routes as a look shows them, with every instance as its target groups see it. */
export async function lookAt(
  { caller }: Region,
  { routes, groups, forwards, foreign, notes, preview }: Routes,
  way: PreviewWay | undefined,
  signal: AbortSignal,
): Promise<RouterLook> {
  const reached = way === undefined ? {} : { preview: addressOf(way) }
  const arns = routes.flatMap((one) => one.group?.TargetGroupArn ?? []).filter((arn) => hasTargets(groups, arn))
  const targets = await Promise.all(arns.map((arn) => readTargets(caller, arn, signal)))
  return {
    routing: {
      routes: [...routes, ...begun(routes, notes)].map(({ name, group, weight }) => ({
        binding: name,
        weight,
        groups: registering(groups, group?.TargetGroupArn).map(nameOf),
        ...(notes.made.includes(name) ? { partial: true } : {}),
        ...(isPointedAt(preview, group?.TargetGroupArn) ? reached : {}),
      })),
      instances: mergedTargets(targets.flat()),
    },
    facts: {
      ...facts,
      ...(forwards.every((one) => isDivisible(one.weights, foreign)) ? {} : { weights: UNDIVIDED }),
      ...(way === undefined ? {} : { preview: { can: true } }),
    },
  }
}

const UNDIVIDED: Can = {
  can: false,
  why: 'a rule gives target groups that are not of this fleet so much that no percent of the rest can be told by weights of at most 999',
  instead: 'give the fleet a larger part, or a rule of its own',
}

/** What somebody began to make and no rule names yet. */
function begun(routes: readonly Route[], { made }: Notes): Route[] {
  const named = routes.map((one) => one.name)
  return made.filter((name) => !named.includes(name)).map((name) => ({ name, weight: 0, leaving: false }))
}

function addressOf({ url, headers }: PreviewWay): Preview {
  return { url, ...(headers === undefined ? {} : { headers }) }
}

/** Target groups of which nobody has registered anything yet have nothing to show; what has left its groups may still drain. */
function hasTargets(groups: readonly AutoScalingGroup[], arn: string): boolean {
  const registered = registering(groups, arn)
  return registered.length === 0 || registered.some((one) => (one.Instances ?? []).length > 0)
}

/** An instance that several target groups know is in only where all of them say so. */
function mergedTargets(targets: readonly (readonly [string, RoutedInstance])[]): Record<string, RoutedInstance> {
  const merged: Record<string, RoutedInstance> = {}
  for (const [id, one] of targets) if (merged[id] === undefined || merged[id].state === 'in') merged[id] = one
  return merged
}

/** What an Application Load Balancer can do. */
export const facts: RouterFacts = {
  weights: { can: true },
  units: UNITS,
  conditional: { can: false, why: 'Elastic Load Balancing has no conditional writes' },
  preview: { can: false, why: 'no rule leads to a target group without weight', instead: 'give alb() a preview' },
  // Which groups have joined a route is said by the groups.
  settleMs: SETTLE_MS,
  lateCallHorizonMs: LATE_CALL_HORIZON_MS,
  propagationMs: PROPAGATION_MS,
  drainDeadlineMs: DRAIN_MS + DRAIN_MARGIN_MS,
  health: ['target health'],
}
