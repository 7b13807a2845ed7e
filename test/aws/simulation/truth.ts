import type { Cause, Severed, TrueFleet, TrueGroup, TrueInstance, TrueRoute, Truth, Span } from 'imago/testing'
import { holdsOf, holdView } from '../../../providers/aws/fleet/holds.ts'
import type { Account, GroupRecord, InstanceRecord, TargetGroupRecord } from '../wire/account.ts'
import { versionNumber } from '../wire/autoscaling/converge.ts'
import { membersOf } from '../wire/autoscaling/find.ts'
import { carry } from '../wire/elb/traffic.ts'
import { text } from '../wire/protocol/query.ts'

/** What the adapter calls what AWS has no name for: learnt from its looks, and the same for ever. */
export interface Names {
  /** Id of the fleet that is rolled. */
  fleet: string
  /** Ids of releases, by image. */
  readonly releases: Map<string, string>
}

/** What weights sum to, as the adapter reads them. */
const UNITS = 100

/** Groups that are not as any other: those of no fleet that is rolled, and slots, which are nothing while they are empty. */
export interface Apart {
  readonly others: readonly string[]
  readonly slots: readonly string[]
}

/** The truth about an account, in the simulation's words. */
export function readTruth(account: Account, names: Names, drainMs: Span, { others, slots }: Apart): Truth {
  const { world } = account
  const requests = watchRequests(account, drainMs)
  const groupsNow = (): Map<string, TrueGroup> => new Map(fleetsNow().flatMap((fleet) => [...fleet.groups]))
  const fleetsNow = () => {
    const all = [...account.groups.values()].filter((one) => !slots.includes(one.name) || !isVacant(one))
    const isOther = (one: GroupRecord) => others.includes(one.name)
    const rolled = fleetOf(
      names.fleet,
      all.filter((one) => !isOther(one)),
      routesOf(account),
    )
    return [rolled, ...all.filter(isOther).map((one) => fleetOf(one.name, [one], new Map()))]
  }
  const fleetOf = (id: string, groups: readonly GroupRecord[], routes: TrueFleet['routes']): TrueFleet => {
    const found = new Map<string, TrueGroup>()
    const fleet: TrueFleet = { id, groups: found, routes, releases: {} }
    for (const group of groups) found.set(group.name, groupOf(account, names, fleet, group, requests.drainsUntil))
    return fleet
  }
  return {
    get version() {
      return world.version
    },
    get fleets() {
      return new Map(fleetsNow().map((fleet) => [fleet.id, fleet]))
    },
    get groups() {
      return groupsNow()
    },
    severed: requests.severed,
    weights: (id) => {
      const shares = id === names.fleet ? [...routesOf(account).values()] : []
      return Object.fromEntries(shares.map((route) => [route.binding, route.inForce]))
    },
  }
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
  const release = nameOf(names, imageOf(account, group))
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
  return { machine: { ...machine, release: nameOf(names, one.image) }, terminating, serving, drainsUntil, hazyUntil: 0 }
}

/** The image that a group launches now. */
function imageOf(account: Account, { template }: GroupRecord): string {
  const data = account.templates.get(template.id)?.versions[versionNumber(account, template) - 1]
  return (data === undefined ? undefined : text(data, 'ImageId')) ?? ''
}

function tagsOf({ tags }: GroupRecord): { Key: string; Value: string }[] {
  return [...tags].map(([key, { value }]) => ({ Key: key, Value: value }))
}

function nameOf({ releases }: Names, image: string): string {
  return releases.get(image) ?? image
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

/** Sees to it that requests reach whom they reach, and keeps the book of those that were cut off. */
function watchRequests(account: Account, drainMs: Span): { severed: readonly Severed[]; drainsUntil(id: string): number } {
  const { world } = account
  const chance = world.random('requests under way')
  const severed: Severed[] = []
  const until = new Map<string, number>()
  let loaded = new Map<string, string>()
  const look = () => {
    carry(account)
    const before = loaded
    loaded = new Map()
    for (const { id, group } of account.instances.values()) if (world.machines.find(id)?.loaded === true) loaded.set(id, group)
    for (const [id, group] of before) {
      if (loaded.has(id)) continue
      const { cause, state } = world.machines.find(id)!
      if (state === 'dead') sever(id, group, cause, true)
      else until.set(id, world.now + chance.whole(...drainMs))
    }
    for (const [id, endsAt] of until) {
      const machine = world.machines.find(id)
      if (machine?.state === 'dead' && endsAt > world.now) sever(id, '', machine.cause, false)
      if (machine?.state === 'dead' || endsAt <= world.now || loaded.has(id)) until.delete(id)
    }
  }
  const sever = (instance: string, group: string, cause: Cause, reached: boolean) =>
    void severed.push({ at: world.now, group, instance, cause, reached })
  world.observe(look)
  return { severed, drainsUntil: (id) => until.get(id) ?? 0 }
}
