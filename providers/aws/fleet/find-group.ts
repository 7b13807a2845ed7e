import * as v from 'valibot'
import { callFailed, problemsError } from '../../../src/core/errors.ts'
import { MARKS, tagged } from '../marks.ts'
import type { Region } from '../region.ts'
import { readDefaults, readForwards, type Forward } from '../router/listeners.ts'
import { readPages } from '../sdk/pages.ts'
import type { InputOf } from '../sdk/services.ts'
import { nameOf, type AutoScalingGroup } from './group.ts'

/** What tells a group from all others of a region. */
export type GroupQuery =
  /** Tags that it bears, each with this value. */
  | { readonly tags: Readonly<Record<string, string>> }
  /** The ARN of a target group that its instances are registered with. */
  | { readonly targetGroup: string }
  /** The ARN of a rule, or of a listener for its default one, that forwards to such a target group with some weight. */
  | { readonly rule: string }

const arn = (part: RegExp, what: string) => v.pipe(v.string(what), v.regex(part, what))

/** Schema of {@link GroupQuery}. */
export const groupQuery = v.union(
  [
    v.strictObject({
      tags: v.pipe(
        v.record(v.string('a tag'), v.string('a text')),
        v.check((tags) => Object.keys(tags).length > 0, 'at least one tag'),
      ),
    }),
    v.strictObject({ targetGroup: arn(/^arn:[^:]+:elasticloadbalancing:.*:targetgroup\//, 'the ARN of a target group') }),
    v.strictObject({
      rule: arn(/^arn:[^:]+:elasticloadbalancing:.*:listener(?:-rule)?\//, 'the ARN of a rule or a listener'),
    }),
  ],
  'tags, a targetGroup or a rule',
)

/**
 * The name of the one group that a query tells. Of a fleet that is rolled just now there may be two, of which either means the fleet.
 *
 * @throws RolloutError `call-failed` of class `not-found` when there is none, `spec-invalid` when there are several.
 */
export async function findGroup(region: Region, query: GroupQuery, signal: AbortSignal): Promise<string> {
  const found = (await groupsTold(region, query, signal)).filter((one) => one.Status === undefined)
  const names = found.map(nameOf).toSorted()
  const [first, ...others] = names
  const said = JSON.stringify(query)
  if (first === undefined)
    throw callFailed('not-found', 'findGroup', `In ${region.name} there is no Auto Scaling group with ${said}.`)
  const fleets = new Set(found.map((one) => tagged(one.Tags, MARKS.fleet) ?? nameOf(one)))
  if (others.length === 0 || fleets.size === 1) return first
  const problem = { path: 'query', found: `${said}, by which there are ${names.join(', ')}`, allowed: 'what one group has alone' }
  throw problemsError('spec-invalid', 'This group cannot be told from others', [problem])
}

async function groupsTold(region: Region, query: GroupQuery, signal: AbortSignal): Promise<readonly AutoScalingGroup[]> {
  if ('tags' in query) {
    const filters = Object.entries(query.tags).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] }))
    return await readGroups(region, { Filters: filters }, signal)
  }
  const targets = 'targetGroup' in query ? [query.targetGroup] : await forwardedTo(region, query.rule, signal)
  const all = targets.length === 0 ? [] : await readGroups(region, {}, signal)
  return all.filter((one) => (one.TargetGroupARNs ?? []).some((target) => targets.includes(target)))
}

async function readGroups(
  { caller }: Region,
  input: InputOf<'autoScaling', 'DescribeAutoScalingGroups'>,
  signal: AbortSignal,
): Promise<readonly AutoScalingGroup[]> {
  const pages = await readPages((next) =>
    caller.call('autoScaling', 'DescribeAutoScalingGroups', { ...input, MaxRecords: 100, ...next }, signal),
  )
  return pages.flatMap((page) => page.AutoScalingGroups ?? [])
}

/** Target groups that get a part of a rule's requests. */
async function forwardedTo({ caller }: Region, rule: string, signal: AbortSignal): Promise<readonly string[]> {
  const isDefault = rule.includes(':listener/')
  const listener = isDefault ? rule : rule.replace(':listener-rule/', ':listener/').split('/').slice(0, -1).join('/')
  const read = listener.includes(':listener/net/') ? readDefaults : readForwards
  const forwards: readonly Forward[] = await read(caller, [listener], signal)
  const meant = forwards.filter((one) => (isDefault ? one.isDefault : one.rule === rule))
  return meant.flatMap(({ weights }) => [...weights].flatMap(([target, weight]) => (weight > 0 ? [target] : [])))
}
