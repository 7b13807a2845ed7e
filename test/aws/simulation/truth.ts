import type { TrueFleet, TrueGroup, TrueInstance, TrueRoute, Truth, Span } from 'imago/testing'
import { holdsOf, holdView } from '../../../providers/aws/fleet/holds.ts'
import { watchRequests } from '../../kit/playground/requests.ts'
import { readTruth, releaseOf, type Apart, type Books, type Names } from '../../kit/playground/truth.ts'
import type { Account, GroupRecord, InstanceRecord, TargetGroupRecord } from '../wire/account.ts'
import { versionNumber } from '../wire/autoscaling/converge.ts'
import { membersOf } from '../wire/autoscaling/find.ts'
import { carry } from '../wire/elb/traffic.ts'
import { text } from '../wire/protocol/query.ts'

/** What weights sum to, as the adapter reads them. */
const UNITS = 100

/** The truth about an account, in the simulation's words. @param drainMs how long requests that are under way take. */
export function awsTruth(account: Account, names: Names, drainMs: Span, apart: Apart): Truth {
  const { world } = account
  const requests = watchRequests(
    {
      world,
      carry: () => carry(account),
      machines: () => [...account.instances.values()].map(({ id, group }) => ({ machine: id, instance: id, group })),
    },
    drainMs,
  )
  const books: Books<GroupRecord> = {
    world,
    groups: () => account.groups.values(),
    nameOf: ({ name }) => name,
    isVacant,
    told: (fleet, group) => groupOf(account, names, fleet, group, requests.drainsUntil),
    routes: () => routesOf(account),
  }
  return readTruth(books, names, requests, apart)
}

function isVacant({ desired, members, tags }: GroupRecord): boolean {
  const marks = [...tags.keys()].filter((key) => key.startsWith('imago:') && key !== 'imago:fleet')
  return desired === 0 && members.size === 0 && marks.length === 0
}

function groupOf(
  account: Account,
  names: Names,
  fleet: TrueFleet,
  group: GroupRecord,
  drainsUntil: (id: string) => number,
): TrueGroup {
  const release = releaseOf(names, imageOf(account, group))
  const instances = membersOf(account, group).map((one) => instanceOf(account, names, group, one, drainsUntil(one.id)))
  const maker = group.tags.get('imago:rollout')?.value
  const sizes: Record<string, number> = {}
  for (const { machine } of instances) if (machine.release !== release) sizes[machine.release] = (sizes[machine.release] ?? 0) + 1
  sizes[release] = Math.max(0, group.desired - Object.values(sizes).reduce((sum, size) => sum + size, 0))
  return {
    id: group.name,
    fleet,
    ...(maker === undefined ? {} : { createdBy: maker }),
    createdAt: group.createdAt,
    release,
    sizes,
    min: group.min,
    ownMin: group.min,
    max: group.max,
    holds: holdsOf(names.fleet, tagsOf(group)).map(holdView),
    failures: { count: 0 },
    instances,
    version: 0,
    retiring: group.deleting,
    partial: group.tags.has('imago:partial'),
    retryAt: 0,
  }
}

function instanceOf(account: Account, names: Names, group: GroupRecord, one: InstanceRecord, drainsUntil: number): TrueInstance {
  const machine = account.world.machines.find(one.id)!
  const terminating = one.lifecycle.startsWith('Terminating')
  const reached = [...group.targetGroups].some((arn) => account.targetGroups.get(arn)?.deregistered.has(one.id) === false)
  const serving = reached && one.lifecycle === 'InService' && machine.state === 'healthy'
  return { machine: { ...machine, release: releaseOf(names, one.image) }, terminating, serving, drainsUntil, hazyUntil: 0 }
}

/** The image that a group launches now. */
function imageOf(account: Account, { template }: GroupRecord): string {
  const data = account.templates.get(template.id)?.versions[versionNumber(account, template) - 1]
  return (data === undefined ? undefined : text(data, 'ImageId')) ?? ''
}

function tagsOf({ tags }: GroupRecord): { Key: string; Value: string }[] {
  return [...tags].map(([key, { value }]) => ({ Key: key, Value: value }))
}

/** Target groups that are named by the listener, or that a rollout has made. */
function routesOf(account: Account): Map<string, TrueRoute> {
  const forwards = [...account.rules.values()].find((rule) => rule.isDefault)?.forwards ?? []
  const sum = forwards.reduce((all, one) => all + one.weight, 0)
  const routes = [...account.targetGroups.values()].map((target): TrueRoute => {
    const weight = forwards.find((one) => one.arn === target.arn)?.weight ?? 0
    const share = sum === 0 ? 0 : (weight * UNITS) / sum
    const partial = [...account.listeners.values()].some((tags) => tags.has(`imago:route:${target.name}`))
    return { binding: target.name, weight: share, inForce: share, partial, groups: joinedTo(account, target) }
  })
  return new Map(routes.map((route) => [route.binding, route]))
}

/** Groups that register with it, each with the instances that were taken out; those that are being ended are on their way out of all. */
function joinedTo(account: Account, { arn, deregistered }: TargetGroupRecord): Map<string, Set<string>> {
  const joined = [...account.groups.values()].filter((group) => group.targetGroups.has(arn))
  const isOut = (one: InstanceRecord) => deregistered.has(one.id) && !one.lifecycle.startsWith('Terminating')
  return new Map(
    joined.map((group) => [
      group.name,
      new Set(
        membersOf(account, group)
          .filter(isOut)
          .map((one) => one.id),
      ),
    ]),
  )
}
