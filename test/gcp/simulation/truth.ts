import type { Span, TrueFleet, TrueGroup, TrueInstance, TrueRoute, Truth } from 'imago/testing'
import { holdsOf, holdView } from '../../../providers/gcp/fleet/holds.ts'
import { instanceId } from '../../../providers/gcp/fleet/instances.ts'
import { marksOf } from '../../../providers/gcp/marks.ts'
import { watchRequests } from '../../kit/playground/requests.ts'
import { readTruth, releaseOf, type Apart, type Books, type Names } from '../../kit/playground/truth.ts'
import { imageOf } from '../wire/converge.ts'
import type { GroupRecord, InstanceRecord, Project, ServiceRecord } from '../wire/project.ts'
import { weightsOf } from '../url-map.ts'
import { carry, servicesOf, takesRequests } from './traffic.ts'

/** The truth about a project, in the simulation's words. @param drainMs how long requests that are under way take. */
export function gcpTruth(project: Project, names: Names, drainMs: Span, apart: Apart): Truth {
  const { world } = project
  const machines = () =>
    [...project.groups.values()].flatMap((group) =>
      [...group.instances.values()].flatMap(({ launched, name, machine }) =>
        launched === undefined
          ? []
          : {
              machine: launched,
              instance: machine === undefined ? name : instanceId({ name, id: machine.number }),
              group: group.name,
            },
      ),
    )
  const requests = watchRequests({ world, carry: () => carry(project), machines }, drainMs)
  project.drainsUntil = requests.drainsUntil
  const books: Books<GroupRecord> = {
    world,
    groups: () => project.groups.values(),
    nameOf: ({ name }) => name,
    isVacant,
    told: (fleet, group) => groupOf(project, names, fleet, group),
    routes: () => routesOf(project, apart.others),
  }
  return readTruth(books, names, requests, apart)
}

function isVacant({ targetSize, instances, description = '' }: GroupRecord): boolean {
  const { fleet: _fleet, ...marks } = marksOf({ description })
  return targetSize === 0 && instances.size === 0 && Object.keys(marks).length === 0
}

function groupOf(project: Project, names: Names, fleet: TrueFleet, group: GroupRecord): TrueGroup {
  const release = releaseOf(names, imageOf(project, group.versions.at(-1)!.template))
  const instances = [...group.instances.values()].flatMap((one) => instanceOf(project, names, group, one) ?? [])
  const { rollout, partial, retired } = marksOf({ description: group.description ?? '' })
  const sizes: Record<string, number> = {}
  for (const { machine, terminating } of instances)
    if (machine.release !== release && !terminating) sizes[machine.release] = (sizes[machine.release] ?? 0) + 1
  sizes[release] = Math.max(0, group.targetSize - Object.values(sizes).reduce((sum, size) => sum + size, 0))
  const scaler = [...project.autoscalers.values()].find((one) => one.target === group.path)
  const min = scaler?.min ?? 0
  return {
    id: group.name,
    fleet,
    ...(rollout === undefined ? {} : { createdBy: rollout }),
    createdAt: group.createdAt,
    release,
    sizes,
    min,
    ownMin: min,
    max: scaler?.max ?? 1_000,
    holds: holdsOf({ description: group.description ?? '' }).map(holdView),
    failures: { count: 0 },
    instances,
    version: 0,
    retiring: group.deleting === true || retired === true,
    partial: partial !== undefined,
    retryAt: 0,
  }
}

/** Names of instances that have left their route. Compute takes none of them out: each gets requests until its group deletes it, which drains it. */
function leftIn({ description = '' }: GroupRecord): ReadonlySet<string> {
  return new Set(marksOf({ description }).left)
}

/** A place that nobody fills yet is no instance. */
function instanceOf(project: Project, names: Names, group: GroupRecord, one: InstanceRecord): TrueInstance | undefined {
  const machine = one.launched === undefined ? undefined : project.world.machines.find(one.launched)
  if (machine === undefined) return undefined
  const hasLeft = leftIn(group).has(one.name)
  return {
    machine: { ...machine, release: releaseOf(names, machine.image) },
    terminating: one.action === 'DELETING',
    serving: servicesOf(project, group).length > 0 && takesRequests(project, one) && !hasLeft,
    drainsUntil: hasLeft && machine.loaded ? Infinity : (project.drainsUntil?.(machine.id) ?? 0),
    hazyUntil: 0,
  }
}

/** Backend services that the URL map names, or that a rollout has made. */
function routesOf(project: Project, others: readonly string[]): Map<string, TrueRoute> {
  const weights = weightsOf(project)
  const routes = [...project.services.values()].map((service): TrueRoute => {
    const weight = weights.get(service.path) ?? 0
    const partial = !weights.has(service.path)
    return { binding: service.name, weight, inForce: weight, partial, groups: joinedTo(project, service, others) }
  })
  return new Map(routes.map((route) => [route.binding, route]))
}

/** Groups that it sends to, each with the instances that have left. */
function joinedTo({ groups }: Project, { backends }: ServiceRecord, others: readonly string[]): Map<string, Set<string>> {
  const joined = [...groups.values()].filter((one) => (backends.get(one.path) ?? 0) > 0 && !others.includes(one.name))
  return new Map(joined.map((group) => [group.name, outOf(group)]))
}

function outOf(group: GroupRecord): Set<string> {
  const left = leftIn(group)
  const out = [...group.instances.values()].filter((one) => left.has(one.name) && one.action !== 'DELETING')
  return new Set(out.flatMap(({ launched }) => launched ?? []))
}
