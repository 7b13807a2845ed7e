import { callFailed } from '../../core/errors.ts'
import type { JsonObject } from '../../core/json.ts'
import type { FleetTarget, GroupRequest } from '../../core/ports.ts'
import { sizesGrown, sizesLeft, type Sizes } from '../../core/sizes.ts'
import { knowRelease, newGroup, routesWritten } from './groups.ts'
import { minFollows, setMin } from './holds.ts'
import { converge, setSizes, terminate } from './instances.ts'
import type { Operation } from './operation.ts'
import { isUpdating, sizeOf, type FleetRecord, type GroupRecord } from './records.ts'
import { fleetOf, groupIn, type Site } from './site.ts'

/** See `FleetProvider.ensureGroup`. */
export function ensureGroup(site: Site, target: FleetTarget, request: GroupRequest): Operation {
  const name = 'ensureGroup'
  const fleet = () => fleetOf(site, target, name)
  return {
    name,
    about: `${request.group} for ${request.size} of ${request.release.id}`,
    kind: 'create',
    check: () => checkRequest(site, fleet(), target, request, name),
    apply: () => ensure(site, fleet(), request),
    // What exists already has no parts to be missing.
    ...(site.groups.has(request.group)
      ? {}
      : { applyPart: () => createGroup(site, fleet(), { ...request, size: Math.floor(request.size / 2) }, true) }),
  }
}

/** See `FleetProvider.resize`. */
export function resize(site: Site, target: FleetTarget, id: string, sizes: Sizes, version: string | undefined): Operation {
  const name = 'resize'
  const group = () => groupIn(fleetOf(site, target, name), id, name)
  return {
    name,
    about: `${id} to ${listed(sizes)}`,
    kind: 'grow',
    check() {
      checkVersion(site, group(), version, name)
      checkSizes(group(), sizes, name)
    },
    apply: () => writeOwnSizes(site, group(), sizesGrown(group().sizes, sizes)),
    undo: () => undoSizes(site, group(), sizes),
  }
}

/** See `FleetProvider.remove`. */
export function remove(site: Site, target: FleetTarget, id: string, instances: readonly string[], sizesAfter: Sizes): Operation {
  const name = 'remove'
  const group = () => groupIn(fleetOf(site, target, name), id, name)
  const seen = site.groups.get(id)?.sizes ?? {}
  return {
    name,
    about: `${instances.join(' ') || 'nothing'} of ${id}, leaving ${listed(sizesAfter)}`,
    check: () => checkSizes(group(), sizesAfter, name),
    apply() {
      for (const one of group().instances) if (instances.includes(one.machine.id)) terminate(site, group(), one)
      writeOwnSizes(site, group(), leftOf(group(), sizesAfter, seen))
    },
  }
}

/** See `FleetProvider.retire`. */
export function retire(site: Site, target: FleetTarget, id: string): Operation {
  const find = () => fleetOf(site, target, 'retire').groups.get(id)
  return {
    name: 'retire',
    about: id,
    kind: 'delete',
    check: () => void find(),
    apply() {
      const group = find()
      if (group !== undefined) retireGroup(site, group)
    },
  }
}

/** Lets a group end with all of its instances. */
export function retireGroup(site: Site, group: GroupRecord): void {
  if (group.retiring) return
  group.retiring = true
  setSizes(site, group, { [group.release]: 0 })
  converge(site, group)
}

/** Writes sizes as anybody may; those that are not named stay as they are, and the minimum is never above the size. */
export function writeSizes(site: Site, group: GroupRecord, sizes: Sizes): void {
  changeSizes(site, group, sizes)
  if (group.min > sizeOf(group)) setMin(site, group, sizeOf(group))
  converge(site, group)
}

/**
 * Who is not named stays, also those that were launched since somebody looked. The size of the only release is absolute, and may rise where
 * it lands after a later one; of several a cloud has but the sum, which never does.
 */
function leftOf(group: GroupRecord, sizesAfter: Sizes, seen: Sizes): Sizes {
  const others = group.instances.filter((one) => !one.terminating).map(({ machine }) => machine)
  const isOnly = Object.keys({ ...group.sizes, ...sizesAfter }).length === 1
  return sizesLeft(isOnly ? seen : group.sizes, sizesAfter, others)
}

/** Writes a rollout's own sizes; a minimum that is held moves with them. */
function writeOwnSizes(site: Site, group: GroupRecord, sizes: Sizes): void {
  changeSizes(site, group, sizes)
  minFollows(site, group)
  converge(site, group)
}

function changeSizes(site: Site, group: GroupRecord, sizes: Sizes): void {
  if (Object.entries(sizes).some(([release, size]) => (group.sizes[release] ?? 0) !== size))
    setSizes(site, group, { ...group.sizes, ...sizes })
}

function ensure(site: Site, fleet: FleetRecord, request: GroupRequest): void {
  knowRelease(fleet, request.release)
  keepSettings(site, request)
  const group = fleet.groups.get(request.group)
  if (group === undefined) {
    createGroup(site, fleet, request, false)
    joinEarly(fleet, request)
    return
  }
  const { id } = request.release
  const size = Math.max(group.sizes[id] ?? 0, request.size)
  const launches = group.release
  group.release = id
  if (launches !== id) setSizes(site, group, { ...group.sizes, [id]: size })
  if (group.partial) {
    group.partial = false
    group.fields.touch()
  }
  writeOwnSizes(site, group, { [id]: size })
}

function createGroup(site: Site, fleet: FleetRecord, request: GroupRequest, partial: boolean): void {
  if (fleet.groups.has(request.group)) return
  knowRelease(fleet, request.release)
  keepSettings(site, request)
  const like = groupIn(fleet, request.like, 'ensureGroup')
  const { ownMin, max } = like
  const { group: id, release, size, rolloutId: createdBy } = request
  const wanted = { id, release: release.id, size, ownMin, max, createdBy, partial }
  converge(site, newGroup(site, fleet, wanted))
}

/** The instances are in the route from their start, where there is one. */
function joinEarly(fleet: FleetRecord, { binding, group }: GroupRequest): void {
  const route = binding === undefined ? undefined : fleet.routes.get(binding)
  if (route === undefined || route.groups.has(group)) return
  route.groups.set(group, new Set())
  routesWritten(fleet)
}

function checkRequest(site: Site, fleet: FleetRecord, { placement }: FleetTarget, request: GroupRequest, call: string): void {
  const { release, size } = request
  if (request.sealed === null && !site.templates.has(release.launch))
    throw callFailed('not-found', call, `No launch settings ${release.launch} are kept here, and none were given.`)
  const group = fleet.groups.get(request.group)
  if (placement.kind === 'slots' && !fleet.slots.has(request.group))
    throw callFailed('not-found', call, `There is no slot ${request.group}.`)
  if (group === undefined) {
    checkTotal(groupIn(fleet, request.like, call), [size], call)
    if (request.binding !== undefined && !fleet.routes.has(request.binding))
      throw callFailed('not-found', call, `There is no route ${request.binding} to join; prepare it first.`)
    return
  }
  if (group.retiring) throw callFailed('conflict', call, `The group ${group.id} is being deleted.`)
  if (group.release !== release.id && isUpdating(group))
    throw callFailed('conflict', call, `The group ${group.id} is being updated to ${group.release}.`)
  if (placement.kind !== 'in-place' && group.release !== release.id)
    throw callFailed('conflict', call, `The group ${group.id} launches ${group.release}, not ${release.id}.`)
  checkTotal(group, Object.values({ ...group.sizes, [release.id]: Math.max(group.sizes[release.id] ?? 0, size) }), call)
}

function checkSizes(group: GroupRecord, sizes: Sizes, call: string): void {
  const stranger = Object.keys(sizes).find((release) => group.fleet.releases[release] === undefined && sizes[release] !== 0)
  if (stranger !== undefined)
    throw callFailed('invalid', call, `The group ${group.id} knows no release ${stranger}; ensure it first.`)
  checkTotal(group, Object.values({ ...group.sizes, ...sizes }), call)
}

/** @param sizes all that the group shall have. */
function checkTotal({ id, max }: GroupRecord, sizes: readonly number[], call: string): void {
  const wrong = sizes.find((size) => !Number.isInteger(size) || size < 0)
  if (wrong !== undefined) throw callFailed('invalid', call, `The group ${id} cannot have ${wrong} instances.`)
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total > max) throw callFailed('quota', call, `The group ${id} can have ${max} instances at most, not ${total}.`)
}

/** Launch settings that were launched from need not be given again. */
function keepSettings(site: Site, { release, sealed }: GroupRequest): void {
  if (!site.templates.has(release.launch)) site.templates.set(release.launch, sealed as JsonObject)
}

function checkVersion({ settings }: Site, group: GroupRecord, version: string | undefined, call: string): void {
  if (!settings.conditional || version === undefined || version === String(group.version)) return
  throw callFailed('conflict', call, `The group ${group.id} is at version ${group.version}, not ${version}: look again.`)
}

/** What was written of other releases since then stays. */
function undoSizes(site: Site, group: GroupRecord, written: Sizes): () => boolean {
  const before = Object.fromEntries(Object.keys(written).map((release) => [release, group.sizes[release] ?? 0]))
  return () => {
    const asWritten = Object.entries(written).every(([release, size]) => (group.sizes[release] ?? 0) === size)
    if (site.groups.get(group.id) !== group || group.retiring || !asWritten) return false
    writeSizes(site, group, before)
    return true
  }
}

function listed(sizes: Sizes): string {
  return Object.entries(sizes)
    .map(([release, size]) => `${size} of ${release}`)
    .join(', ')
}
