import { unlessAbsent } from '../../../src/core/errors.ts'
import type { ImageRef } from '../../../src/core/image.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { GroupView, HandleView, LaunchFailures, ProviderLook } from '../../../src/core/snapshot.ts'
import { readReleases, unusable, type Releases } from '../launch/releases.ts'
import { readTemplates } from '../launch/templates.ts'
import { marksOf } from '../marks.ts'
import type { Place } from '../place.ts'
import type { Autoscaler, ManagedInstance, Manager } from '../sdk/resources.ts'
import { pathOf } from '../sdk/urls.ts'
import { boundsOf, readAutoscaler } from './autoscaler.ts'
import { providerFacts } from './facts.ts'
import { findGroups, nameOf, occupied, readManager } from './groups.ts'
import { holdsOf, holdView } from './holds.ts'
import { instanceView } from './instances.ts'
import type { Machine } from './machines.ts'
import { isLeaving, readMembers } from './members.ts'
import { restOf, sizesOf, versionsOf } from './sizes.ts'
import { updateView } from './updates.ts'

/** One whole look at a fleet. */
export async function describe(place: Place, target: FleetTarget, signal: AbortSignal): Promise<ProviderLook> {
  return (await see(place, target, signal)).look
}

/** A look, with the groups that it was taken of as they were read. */
export interface Seen {
  readonly look: ProviderLook
  readonly groups: readonly Read[]
}

/** The same for what is to be changed. */
export async function see(place: Place, target: FleetTarget, signal: AbortSignal): Promise<Seen> {
  const [{ id, found, read }, handles] = await Promise.all([
    readGroups(place, target, signal),
    readHandles(place, target, signal),
  ])
  const [machines, templates] = await Promise.all([
    place.machines.read(read, signal),
    readTemplates(place, read.flatMap(templatesOf), signal),
  ])
  const releases = await readReleases(place, templates, runningIn(place, read, machines), signal)
  const views = read.map((one) => viewOf(place, one, machines, releases, target.updates === true))
  const look = { fleet: id, groups: views, releases: Object.fromEntries(releases.told), handles, facts: providerFacts(found) }
  return { look, groups: read }
}

/** Instances are asked for as soon as their groups are known, which is when the fleet's router asks for them. */
async function readGroups(place: Place, target: FleetTarget, signal: AbortSignal) {
  const { id, groups: found } = await findGroups(place, target, signal)
  const there = await Promise.all(occupied(found, target).map((one) => readUnlessGone(place, one, signal)))
  return { id, found, read: there.filter((one) => one !== undefined) }
}

async function readHandles(place: Place, { handles }: FleetTarget, signal: AbortSignal): Promise<Record<string, HandleView>> {
  const fates = await Promise.all(handles.map(async (one) => [one, await place.operations.fate(one, signal)] as const))
  return Object.fromEntries(fates.filter((one): one is [string, HandleView] => one[1] !== undefined))
}

/** What was read of one group. */
export interface Read {
  readonly group: Manager
  readonly members: readonly ManagedInstance[]
  readonly scaler: Autoscaler | undefined
  readonly failures: LaunchFailures
}

/** A group that went between two calls is not there; whatever else is not, is missing. */
async function readUnlessGone(place: Place, group: Manager, signal: AbortSignal): Promise<Read | undefined> {
  try {
    return await readGroup(place, group, signal)
  } catch (error) {
    unlessAbsent(error)
    const again = await readManager(place, nameOf(group), signal).catch(unlessAbsent)
    if (again !== undefined) throw error
    return undefined
  }
}

async function readGroup(place: Place, group: Manager, signal: AbortSignal): Promise<Read> {
  const [members, scaler, failures] = await Promise.all([
    readMembers(place, nameOf(group), signal),
    readAutoscaler(place, group, signal),
    place.errors.count(group, signal),
  ])
  return { group, members, scaler, failures }
}

/** The same for what stays: who is on the way out needs its template no more. */
export function templatesToKeep({ members, ...read }: Read): string[] {
  return templatesOf({ ...read, members: members.filter((one) => !isLeaving(one)) })
}

/** URLs of the templates that a group and its instances name. */
function templatesOf({ group, members }: Read): string[] {
  const urls = [...versionsOf(group).map((one) => one.instanceTemplate), ...members.map((one) => one.version?.instanceTemplate)]
  return urls.filter((url) => url !== undefined && url !== '') as string[]
}

/** What the instances of each template boot from, by its path. */
function runningIn({ project }: Place, read: readonly Read[], machines: ReadonlyMap<string, Machine>): Map<string, ImageRef> {
  const images = new Map<string, ImageRef>()
  for (const { version, id } of read.flatMap((one) => one.members)) {
    const image = machines.get(String(id))?.image
    if (version?.instanceTemplate !== undefined && image !== undefined)
      images.set(pathOf(version.instanceTemplate, project), image)
  }
  return images
}

function viewOf(
  place: Place,
  { group, members, scaler, failures }: Read,
  machines: ReadonlyMap<string, Machine>,
  { launchedBy, runBy }: Releases,
  showsUpdates: boolean,
): GroupView {
  const at = (url: string | undefined) => pathOf(url ?? '', place.project)
  const versions = versionsOf(group)
  const release = launchedBy(at(restOf(versions)?.instanceTemplate))?.id
  if (release === undefined) throw unusable(nameOf(group), 'launches from a template that is gone')
  const releases = versions.map((one) => launchedBy(at(one.instanceTemplate))?.id ?? release)
  const instances = members.flatMap((one) => {
    const machine = machines.get(String(one.id))
    const from = runBy(at(one.version?.instanceTemplate), machine?.image)?.id ?? release
    return instanceView(group, one, machine, from) ?? []
  })
  const sized = { group, releases, instances }
  const update = updateView(sized, showsUpdates)
  const { rollout, partial } = marksOf(group)
  return {
    id: nameOf(group),
    release,
    ...(rollout === undefined ? {} : { createdBy: rollout }),
    sizes: sizesOf(sized),
    ...boundsOf(place, group, scaler),
    holds: holdsOf(group).map(holdView),
    failures,
    instances,
    ...(partial === undefined ? {} : { partial: true }),
    ...(update === undefined ? {} : { update }),
    ...(group.fingerprint === undefined ? {} : { version: group.fingerprint }),
  }
}
