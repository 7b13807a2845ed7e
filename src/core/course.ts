import * as v from 'valibot'
import { courseEntries } from './course-schema.ts'
import type { Problem } from './errors.ts'
import type { Waypoint } from './plan.ts'
import { formatQuestion } from './question.ts'
import { check } from './schema.ts'
import type { Role, Shape } from './shape.ts'
import type { Can } from './snapshot.ts'

/** The waypoints of a plan, the way back from any of them, and what people should know. */
export interface Course {
  readonly waypoints: readonly Waypoint[]
  readonly back: readonly Waypoint[]
  readonly notes: readonly string[]
}

/** What a fleet's router and its cloud can do for a course. */
export interface Ways {
  readonly weighted: boolean
  /** Whether the router can give generations a part of the traffic each. @default - it can */
  readonly shares?: Can | undefined
  /** @default - there is no router */
  readonly preview?: Can | undefined
  /** Whether the cloud's own updater can move the instances. */
  readonly native: Can
}

const schema = v.strictObject(courseEntries)

/**
 * What is wrong with a course, whoever chose it: the engine would not stumble over it, it would do something else than was
 * meant. Pure.
 *
 * @param ways whether the fleet can route by weights and give parts of the traffic, reach a generation that has none yet, and be rolled by the cloud's own updater.
 */
export function problemsOf(course: Course, ways: Ways): Problem[] {
  const { problems } = check(schema, course, 'strategy')
  if (problems.length > 0) return [...problems]
  return [
    ...listProblems('strategy.waypoints', course.waypoints),
    ...listProblems('strategy.back', course.back),
    ...endProblems('strategy.waypoints', course.waypoints, 'candidate', 'stable'),
    ...endProblems('strategy.back', course.back, 'stable', 'candidate'),
    ...approvalProblems(course.waypoints),
    ...routingProblems(course, ways),
    ...shareProblems(course, ways),
    ...previewProblems(course, ways),
    ...backProblems(course.back),
    ...agencyProblems(course, ways),
  ]
}

function listProblems(path: string, list: readonly Waypoint[]): Problem[] {
  return [
    ...twice(list.map((one) => one.id)).map((index) => ({
      path: `${path}[${index}].id`,
      found: `a second waypoint "${list[index]?.id}"`,
      allowed: 'an id of its own',
    })),
    ...list.flatMap(({ gates, shape }, index) => [
      ...twice(gates.map((gate) => gate.id)).map((at) => ({
        path: `${path}[${index}].gates[${at}].id`,
        found: `a second gate "${gates[at]?.id}" at this waypoint`,
        allowed: 'an id of its own: two gates of one name would open as one',
      })),
      ...weightProblems(`${path}[${index}].shape.routing.weights`, shape),
    ]),
  ]
}

/** A person answers by the id alone: it must say which gate is meant, wherever the rollout is. */
function approvalProblems(waypoints: readonly Waypoint[]): Problem[] {
  const asking = new Map<string, Waypoint>()
  return waypoints.flatMap((waypoint, index) =>
    waypoint.gates.flatMap(({ kind, id }, at) => {
      if (kind !== 'approval') return []
      const before = asking.get(id) ?? waypoint
      asking.set(id, before)
      if (before === waypoint) return []
      return [
        {
          path: `strategy.waypoints[${index}].gates[${at}].id`,
          found: `a second approval "${id}": the waypoint "${before.id}" asks for it too`,
          allowed: 'an id of its own, by which approve(id) means this one',
        },
      ]
    }),
  )
}

/** Places at which something stands that stood before. */
function twice(ids: readonly string[]): number[] {
  return ids.flatMap((id, index) => (ids.indexOf(id) < index ? [index] : []))
}

function weightProblems(path: string, { routing, generations }: Shape): Problem[] {
  if (routing.by === 'count') return []
  const problems: Problem[] = []
  let total = 0
  for (const [role, weight] of Object.entries(routing.weights)) {
    total += weight
    if (weight > 0 && generations[role as Role]?.state !== 'serving')
      problems.push({
        path: `${path}.${role}`,
        found: `${weight} %, but the ${role} does not serve`,
        allowed: '0, or a role that serves',
      })
  }
  if (Math.abs(total - 100) > 1e-6)
    problems.push({ path, found: `weights that sum to ${total}`, allowed: 'weights that sum to 100' })
  return problems
}

/** Each list ends with one generation alone: the other retired, all the demand and all the traffic with the one. */
function endProblems(path: string, list: readonly Waypoint[], alone: Role, gone: Role): Problem[] {
  const last = list.at(-1)
  if (last === undefined || endsAlone(last.shape, alone, gone)) return []
  return [
    {
      path: `${path}[${list.length - 1}].shape`,
      found: `"${last.id}" as the last waypoint, at which the ${alone} does not serve alone`,
      allowed: `an end with the ${gone} retired and the ${alone} at full size with all the traffic`,
    },
  ]
}

function endsAlone({ generations, routing }: Shape, alone: Role, gone: Role): boolean {
  const one = generations[alone]
  const others = (['stable', 'candidate', 'baseline'] as const).filter((role) => role !== alone)
  if (one?.state !== 'serving' || generations[gone]?.state !== 'retired') return false
  if (others.some((role) => generations[role] !== undefined && generations[role].state !== 'retired')) return false
  const full = one.size.kind === 'rest' || (one.size.kind !== 'count' && one.size.share >= 1)
  return full && (routing.by === 'count' || routing.weights[alone] === 100)
}

/** One way of routing carries a whole plan: generations either have routes of their own or share one. */
function routingProblems({ waypoints, back }: Course, { weighted }: Ways): Problem[] {
  const by = back[0]?.shape.routing.by
  const problems: Problem[] = []
  for (const [path, list] of [
    ['strategy.waypoints', waypoints],
    ['strategy.back', back],
  ] as const)
    list.forEach(({ shape }, index) => {
      if (shape.routing.by !== by)
        problems.push({
          path: `${path}[${index}].shape.routing.by`,
          found: shape.routing.by,
          allowed: `${by}, as on the way back`,
        })
    })
  if (by === 'weights' && !weighted)
    problems.push({
      path: 'strategy.waypoints[0].shape.routing.by',
      found: 'weights, on a fleet that cannot route by weights',
      allowed: "{ by: 'count' }",
    })
  return problems
}

/** All of the traffic is all that some routers can move. */
function shareProblems({ waypoints, back }: Course, { shares }: Ways): Problem[] {
  if (shares === undefined || shares.can) return []
  const instead = shares.instead === undefined ? '' : `; or ${shares.instead}`
  const problems = (path: string, list: readonly Waypoint[]): Problem[] =>
    list.flatMap(({ shape: { routing } }, index) => {
      const parts = routing.by === 'count' ? [] : Object.values(routing.weights).filter((one) => one > 0 && one < 100)
      if (parts.length === 0) return []
      const found = `${parts.join(' % and ')} %, though ${shares.why}`
      return [{ path: `${path}[${index}].shape.routing.weights`, found, allowed: `0 or 100${instead}` }]
    })
  return [...problems('strategy.waypoints', waypoints), ...problems('strategy.back', back)]
}

/** A path is asked of the generation as a whole: one that has a route of its own is reached by its preview. */
function previewProblems({ waypoints }: Course, { preview }: Ways): Problem[] {
  if (preview === undefined || preview.can) return []
  const instead = preview.instead === undefined ? '' : `; or ${preview.instead}`
  return waypoints.flatMap(({ gates, shape }, index) =>
    gates.flatMap((gate, at) =>
      gate.kind !== 'verify' || gate.question.kind !== 'http' || shape.routing.by === 'count'
        ? []
        : [
            {
              path: `strategy.waypoints[${index}].gates[${at}].question`,
              found: `${formatQuestion(gate.question)}, asked of a generation that cannot be reached: ${preview.why}`,
              allowed: `a router with a preview${instead}`,
            },
          ],
    ),
  )
}

/** The cloud's own updater moves instances from one release to another in one group, and imago alone takes that back. */
function agencyProblems({ waypoints, back }: Course, { native }: Ways): Problem[] {
  const problem = (list: string, index: number, found: string) => [
    { path: `strategy.${list}[${index}].agency`, found, allowed: 'engine' },
  ]
  return [
    ...waypoints.flatMap(({ agency, shape }, index) => {
      if (agency === 'engine') return []
      if (!native.can) return problem('waypoints', index, `native, but ${native.why}`)
      return shape.routing.by === 'count' ? [] : problem('waypoints', index, 'native, with weights that nobody would set')
    }),
    ...back.flatMap(({ agency }, index) => (agency === 'engine' ? [] : problem('back', index, agency))),
  ]
}

/** The way back waits for nothing but health, and for no person. */
function backProblems(back: readonly Waypoint[]): Problem[] {
  return back.flatMap(({ gates }, index) =>
    gates.flatMap((gate, at) =>
      gate.kind === 'healthy'
        ? []
        : [
            {
              path: `strategy.back[${index}].gates[${at}].kind`,
              found: gate.kind,
              allowed: 'healthy: the way back waits for nothing else',
            },
          ],
    ),
  )
}
