import { callFailed } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import { bindingOf } from '../bindings.ts'
import { nameOf, type AutoScalingGroup } from '../fleet/group.ts'
import { findGroups } from '../fleet/groups.ts'
import { MARKS, markValue, tagged, type Tag } from '../marks.ts'
import type { Region } from '../region.ts'
import type { Caller } from '../sdk/caller.ts'
import type { Forward } from './listeners.ts'
import { notesIn, type Notes } from './notes.ts'
import { previewIn, type PreviewWay } from './preview.ts'
import { sharesOf, UNITS } from './shares.ts'
import { findTargetGroup, type TargetGroup } from './target-groups.ts'
import { readTargets } from './target-health.ts'

type TagsByArn = ReadonlyMap<string, readonly Tag[]>

/** A target group of the fleet: its name is the route's. */
export interface Route {
  readonly name: string
  /** Left out when the target group was deleted, and only the note that says so is there. */
  readonly group?: TargetGroup | undefined
  /** In units. */
  readonly weight: number
  /** Whether its release has begun. */
  readonly leaving: boolean
}

/** Where a fleet's traffic comes in, and how that is read. */
export interface Ways {
  /** ARNs. */
  readonly listeners: readonly string[]
  readonly read: (caller: Caller, listeners: readonly string[], signal: AbortSignal) => Promise<Forward[]>
  /** @default - a generation without traffic cannot be reached */
  readonly preview?: PreviewWay | undefined
}

/** The rules of a fleet, its target groups, and the groups that register with them. */
export interface Routes {
  readonly fleet: string
  /** The fleet in a tag. */
  readonly mark: string
  readonly listeners: readonly string[]
  readonly groups: readonly AutoScalingGroup[]
  readonly forwards: readonly Forward[]
  /** Target groups of other people in these rules, by ARN. They are no routes, and keep the part of the traffic that they have. */
  readonly foreign: ReadonlySet<string>
  /** The rule that leads to a generation without traffic. It is none of {@link Routes.forwards}: it carries none. */
  readonly preview?: Forward | undefined
  readonly routes: readonly Route[]
  readonly notes: Notes
  /** Target groups that bear the fleet's mark, by ARN. */
  readonly marked: ReadonlySet<string>
}

/**
 * The rules of these listeners that name the fleet: those that forward to a target group which one of its groups registers with, or
 * which bears its mark, as one does that its group has left.
 *
 * @throws RolloutError `call-failed` of class `not-found` when there is none.
 */
export async function readRoutes(
  region: Region,
  { listeners, read, preview: way }: Ways,
  target: FleetTarget,
  call: string,
  signal: AbortSignal,
): Promise<Routes> {
  const { caller } = region
  const reading = way === undefined ? listeners : [...new Set([...listeners, way.listener])]
  const [found, rules] = await Promise.all([findGroups(region, target, signal), read(caller, reading, signal)])
  const preview = way === undefined ? undefined : previewIn(way, rules, call)
  const all = rules.filter((one) => one !== preview && listeners.includes(one.listener))
  const mark = markValue(found.id)
  const named = [...new Set(all.flatMap((one) => [...one.weights.keys()]))]
  const tags = await region.tags.read([...listeners, ...named], signal)
  const marked = new Set(named.filter((arn) => tagged(tags.get(arn), MARKS.fleet) === mark))
  const own = new Set([...marked, ...found.groups.flatMap((one) => one.TargetGroupARNs ?? [])])
  const forwards = all.filter((one) => [...one.weights.keys()].some((arn) => own.has(arn)))
  if (forwards.length === 0)
    throw callFailed('not-found', call, `No rule of ${listeners.join(', ')} forwards to ${found.groups.map(nameOf).join(', ')}.`)
  const notes = notesIn(
    listeners.flatMap((one) => tags.get(one) ?? []),
    mark,
  )
  const arns = [...new Set(forwards.flatMap((one) => [...one.weights.keys()]))]
  const described = await region.targetGroups.read(arns, signal)
  const strange = described.filter((one) => !own.has(one.TargetGroupArn ?? '') && !isNoted(notes, nameIn(one, tags)))
  const foreign = await foreignIn(region, strange, found.groups, signal)
  const whole = routesOf(described, forwards, foreign, notes, tags)
  const routes = [...whole, ...(await readLoose(caller, whole, notes, signal))]
  return { fleet: found.id, mark, listeners, groups: found.groups, forwards, foreign, preview, routes, notes, marked }
}

/** A route by its name. */
export function routeIn({ routes }: Routes, binding: string): Route | undefined {
  return routes.find((one) => one.name === binding)
}

/** The route that has most of the traffic. */
export function mostUsed(routes: readonly Route[]): Route | undefined {
  return routes.toSorted((a, b) => b.weight - a.weight)[0]
}

/** The groups that register their instances with a target group. */
export function registering(groups: readonly AutoScalingGroup[], arn: string | undefined): AutoScalingGroup[] {
  return groups.filter((one) => (one.TargetGroupARNs ?? []).some((registered) => registered === arn))
}

/**
 * Of target groups that nothing connects with the fleet, those that somebody has registered targets with. One without targets may be what
 * is left of a group of the fleet that was deleted, and loses nothing when its traffic is taken.
 */
async function foreignIn(
  { caller }: Region,
  strange: readonly TargetGroup[],
  groups: readonly AutoScalingGroup[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const members = new Set(groups.flatMap((one) => one.Instances ?? []).map((one) => one.InstanceId))
  const arns = strange.flatMap((one) => one.TargetGroupArn ?? [])
  const targets = await Promise.all(arns.map((arn) => readTargets(caller, arn, signal)))
  const isOthers = ([id, { state }]: (typeof targets)[number][number]) => state !== 'draining' && !members.has(id)
  return new Set(arns.filter((_, index) => targets[index]?.some(isOthers)))
}

function nameIn({ TargetGroupArn: arn = '', TargetGroupName: name = '' }: TargetGroup, tags: TagsByArn): string {
  return bindingOf(name, tags.get(arn))
}

function isNoted({ made, leaving }: Notes, name: string): boolean {
  return made.includes(name) || leaving.includes(name)
}

function routesOf(
  described: readonly TargetGroup[],
  forwards: readonly Forward[],
  foreign: ReadonlySet<string>,
  notes: Notes,
  tags: TagsByArn,
): Route[] {
  const weights = commonWeights(forwards, foreign)
  return described.flatMap((group) => {
    const { TargetGroupArn: arn = '' } = group
    const name = nameIn(group, tags)
    const route = { name, group, weight: weights.get(arn) ?? 0, leaving: notes.leaving.includes(name) }
    return foreign.has(arn) ? [] : route
  })
}

/** A route is there until the last of it is gone: what is being taken away may be named by no rule and no group any more. */
async function readLoose(caller: Caller, named: readonly Route[], notes: Notes, signal: AbortSignal): Promise<Route[]> {
  const loose = notes.leaving.filter((name) => !named.some((one) => one.name === name))
  return await Promise.all(
    loose.map(async (name) => ({ name, group: await findTargetGroup(caller, name, signal), weight: 0, leaving: true })),
  )
}

/** In units. Rules that say different things are in the middle of a change, or somebody's own: then the least of them counts. */
function commonWeights(forwards: readonly Forward[], foreign: ReadonlySet<string>): Map<string, number> {
  const common = new Map<string, number>()
  for (const { weights } of forwards)
    for (const [group, units] of sharesOf(weights, foreign)) common.set(group, Math.min(units, common.get(group) ?? UNITS))
  return common
}
