import type { Span, TrueFleet, TrueGroup, TrueInstance, TrueRoute, Truth } from 'imago/testing'
import { holdsOf } from '../../../providers/azure/fleet/holds.ts'
import { memberId } from '../../../providers/azure/fleet/member.ts'
import { MARKS, rolloutMarked, tagged, type Tags } from '../../../providers/azure/marks.ts'
import { watchRequests } from '../../kit/playground/requests.ts'
import { readTruth, releaseOf, type Apart, type Books, type Names } from '../../kit/playground/truth.ts'
import type { Account, MemberRecord, SetRecord } from '../wire/account.ts'
import { scalingOf } from '../wire/autoscale.ts'
import { imageOf, worldImage } from '../wire/converge.ts'
import { carry, isJoined, isOut, isReached, poolsIn, type PoolThere } from './traffic.ts'

/** An account, and what the adapter calls what is in it. */
interface Told {
  readonly account: Account
  readonly names: Names
  readonly apart: Apart
  drainsUntil(machine: string): number
}

/** The truth about an account, in the simulation's words. @param drainMs how long requests that are under way take. */
export function azureTruth(account: Account, names: Names, drainMs: Span, apart: Apart): Truth {
  const { world, sets } = account
  const machines = () =>
    [...sets.values()].flatMap((set) =>
      set.members.flatMap((one) =>
        one.machine === undefined ? [] : { machine: one.machine.id, instance: idOf(set, one), group: set.name },
      ),
    )
  const requests = watchRequests({ world, carry: () => carry(account), machines }, drainMs)
  const told: Told = { account, names, apart, drainsUntil: requests.drainsUntil }
  const books: Books<SetRecord> = {
    world,
    groups: () => sets.values(),
    nameOf: ({ name }) => name,
    isVacant,
    told: (fleet, set) => groupOf(told, fleet, set),
    routes: () => routesOf(told),
  }
  return readTruth(books, names, requests, apart)
}

/** Marks that an empty slot keeps. */
const LASTING: readonly string[] = [MARKS.fleet, MARKS.launched]

/** What the adapter calls a member. */
function idOf({ name, mode }: SetRecord, { id, vmId }: MemberRecord): string {
  return memberId(mode === 'Flexible' ? id : `${name}_${id}`, vmId)
}

function isVacant({ model, members }: SetRecord): boolean {
  const marks = Object.keys(tagsOf(model)).filter((key) => key.startsWith('imago:') && !LASTING.includes(key))
  return model.sku.capacity === 0 && members.length === 0 && marks.length === 0
}

function groupOf(told: Told, fleet: TrueFleet, set: SetRecord): TrueGroup {
  const { account, names } = told
  const { name, model, createdAt, provisioningState } = set
  const tags = tagsOf(model)
  const release = releaseOf(names, versionOf(worldImage(imageOf(set))))
  const instances = set.members.flatMap((one) => instanceOf(told, set, one) ?? [])
  const maker = tagged(tags, MARKS.rollout)
  const bounds = scalingOf(account, set)
  const min = bounds?.min ?? 0
  const retiring = provisioningState === 'Deleting' || tagged(tags, MARKS.retiring) !== undefined
  return {
    id: name,
    fleet,
    ...(maker === undefined ? {} : { createdBy: rolloutMarked(names.fleet, maker) }),
    createdAt,
    release,
    sizes: sizesOf(model.sku.capacity, release, instances),
    min,
    ownMin: min,
    max: bounds?.max ?? 1_000,
    holds: holdsOf(names.fleet, tags),
    failures: { count: 0 },
    instances,
    version: 0,
    retiring,
    partial: tagged(tags, MARKS.autoscaled) !== undefined && bounds === undefined && !retiring,
    retryAt: 0,
  }
}

function sizesOf(capacity: number, release: string, instances: readonly TrueInstance[]): Record<string, number> {
  const sizes: Record<string, number> = {}
  for (const { machine, terminating } of instances)
    if (machine.release !== release && !terminating) sizes[machine.release] = (sizes[machine.release] ?? 0) + 1
  return { ...sizes, [release]: Math.max(0, capacity - Object.values(sizes).reduce((sum, size) => sum + size, 0)) }
}

/** What could not be launched is no instance. */
function instanceOf({ account, names, drainsUntil }: Told, set: SetRecord, one: MemberRecord): TrueInstance | undefined {
  const { machine, isLeaving } = one
  if (machine === undefined) return undefined
  return {
    machine: { ...machine, release: releaseOf(names, versionOf(machine.image)) },
    terminating: isLeaving,
    serving: !isLeaving && poolsIn(account).some((pool) => isReached(account, set, one, pool)),
    drainsUntil: drainsUntil(machine.id),
    hazyUntil: 0,
  }
}

/** Pools that a rule sends to or an endpoint leads to, that a set of the fleet joins, or that a rollout has made. */
function routesOf({ account, apart }: Told): Map<string, TrueRoute> {
  const sets = [...account.sets.values()].filter((one) => !apart.others.includes(one.name))
  const routes = poolsIn(account).flatMap((pool): TrueRoute[] => {
    const { balancer, name, aimed, inForce, isLed } = pool
    const isMade = tagged(account.balancers.get(balancer)?.tags, `${MARKS.made}${name}`.toLowerCase()) !== undefined
    const joined = sets.filter((one) => isJoined(one, pool))
    if (!isLed && inForce + aimed === 0 && !isMade && joined.length === 0) return []
    const groups = new Map(joined.map((set) => [set.name, outOf(account, set, pool)]))
    return [{ binding: isMade ? name : `${balancer}/${name}`, weight: aimed, inForce, partial: false, groups }]
  })
  return new Map(routes.map((route) => [route.binding, route]))
}

/** Machines that were taken out of a pool; those that are being ended are on their way out of all. */
function outOf(account: Account, set: SetRecord, pool: PoolThere): Set<string> {
  const out = set.members.filter((one) => !one.isLeaving && isOut(account, set, one, pool))
  return new Set(out.flatMap(({ machine }) => machine?.id ?? []))
}

/** What the adapter calls an image by: the version in its gallery. */
function versionOf(image: string): string {
  return image.split('/').at(-1) ?? ''
}

function tagsOf({ more }: SetRecord['model']): Tags {
  return (more['tags'] ?? {}) as Tags
}
