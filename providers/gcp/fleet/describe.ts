import type { ImageRef } from '../../../src/core/image.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { GroupView, LaunchFailures, ProviderLook } from '../../../src/core/snapshot.ts'
import { readReleases, unusable, type Releases } from '../launch/releases.ts'
import { readTemplates } from '../launch/templates.ts'
import type { Place } from '../place.ts'
import type { Autoscaler, ManagedInstance, Manager } from '../sdk/resources.ts'
import { pathOf } from '../sdk/urls.ts'
import { boundsOf, readAutoscaler } from './autoscaler.ts'
import { providerFacts } from './facts.ts'
import { findGroups, isVacant, nameOf } from './groups.ts'
import { instanceView } from './instances.ts'
import type { Machine } from './machines.ts'
import { restOf, sizesOf, versionsOf } from './sizes.ts'
import { updateView } from './updates.ts'

/** One whole look at a fleet. */
export async function describe(place: Place, target: FleetTarget, signal: AbortSignal): Promise<ProviderLook> {
  const { id, groups: found } = await findGroups(place, target, signal)
  const groups = target.placement.kind === 'slots' ? found.filter((one) => !isVacant(one)) : found
  const read = await Promise.all(groups.map((one) => readGroup(place, one, signal)))
  const [machines, templates] = await Promise.all([
    place.machines.read(read, signal),
    readTemplates(place, read.flatMap(templatesOf), signal),
  ])
  const releases = await readReleases(place, templates, runningIn(place, read, machines), signal)
  const views = read.map((one) => viewOf(place, one, machines, releases))
  return {
    fleet: id,
    groups: views,
    releases: Object.fromEntries(releases.told),
    // Nothing is changed, so that nothing is under way.
    handles: {},
    facts: providerFacts(found),
  }
}

/** What was read of one group. */
interface Read {
  readonly group: Manager
  readonly members: readonly ManagedInstance[]
  readonly scaler: Autoscaler | undefined
  readonly failures: LaunchFailures
}

async function readGroup(place: Place, group: Manager, signal: AbortSignal): Promise<Read> {
  const { caller, project, location, kind } = place
  const request = { project, instanceGroupManager: nameOf(group) }
  const [members, scaler, failures] = await Promise.all([
    kind === 'zone'
      ? caller.list('instanceGroupManagers.listManagedInstances', { ...request, zone: location }, signal)
      : caller.list('regionInstanceGroupManagers.listManagedInstances', { ...request, region: location }, signal),
    readAutoscaler(place, group, signal),
    place.errors.count(group, signal),
  ])
  return { group, members, scaler, failures }
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
  const update = updateView(sized)
  return {
    id: nameOf(group),
    release,
    sizes: sizesOf(sized),
    ...boundsOf(place, group, scaler),
    holds: [],
    failures,
    instances,
    ...(update === undefined ? {} : { update }),
    ...(group.fingerprint === undefined ? {} : { version: group.fingerprint }),
  }
}
