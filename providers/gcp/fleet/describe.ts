import { isRolloutError, rolloutError } from '../../../src/core/errors.ts'
import type { FleetTarget } from '../../../src/core/ports.ts'
import type { GroupView, LaunchFailures, ProviderLook, Release } from '../../../src/core/snapshot.ts'
import { imageAt } from '../images/find.ts'
import { isFamily } from '../images/ref.ts'
import { bootImage, releaseOf } from '../launch/release.ts'
import { readTemplates, type FoundTemplate } from '../launch/templates.ts'
import type { Place } from '../place.ts'
import type { Autoscaler, Instance, ManagedInstance, Manager } from '../sdk/resources.ts'
import { pathOf } from '../sdk/urls.ts'
import { boundsOf, readAutoscaler } from './autoscaler.ts'
import { providerFacts } from './facts.ts'
import { findGroups, isVacant, nameOf } from './groups.ts'
import { instanceView } from './instances.ts'
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
  const releases = await releasesOf(place, templates, signal)
  return {
    fleet: id,
    groups: read.map((one) => viewOf(place, one, machines, releases)),
    releases: Object.fromEntries([...releases.values()].map((one) => [one.id, one])),
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

/** What each template launches, by its path. An image is looked up each time: its name may stand for another one by now. */
async function releasesOf(
  { caller, project }: Place,
  templates: ReadonlyMap<string, FoundTemplate>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Release>> {
  const boots = new Map([...templates.values()].map((one) => [one.path, bootOf(one)]))
  const urls = [...new Set(boots.values())]
  const images = await Promise.all(
    urls.map(async (url) => [url, await imageAt({ caller, signal }, url, project).catch((error: unknown) => gone(error, url))] as const),
  )
  const byUrl = new Map(images)
  return new Map([...templates.values()].map((one) => [one.path, releaseOf(one, byUrl.get(boots.get(one.path)!)!)]))
}

/** The image that a template boots from. @throws RolloutError `unsupported` where it does not say one. */
function bootOf({ path, template }: FoundTemplate): string {
  const url = bootImage(template.properties ?? {})
  if (url === undefined || url === '') throw unusable(path, 'boots from no image')
  if (isFamily(url)) throw unusable(path, `boots from the family ${url}, which may stand for another image at each launch`)
  return url
}

function gone(error: unknown, url: string): never {
  if (!isRolloutError(error, 'call-failed') || error.facts.class !== 'not-found') throw error
  throw unusable(url, 'is an image that is gone: nothing can be launched from it, and nothing tells which one it was')
}

function unusable(path: string, why: string) {
  const problems = [{ path, found: why, allowed: 'templates that boot from an image by its name, and images that are there' }]
  return rolloutError('unsupported', `${path} ${why}; nothing was touched.`, { problems })
}

function viewOf(
  place: Place,
  { group, members, scaler, failures }: Read,
  machines: ReadonlyMap<string, Instance>,
  byPath: ReadonlyMap<string, Release>,
): GroupView {
  const releaseAt = (url: string | undefined) => byPath.get(pathOf(url ?? '', place.project))?.id
  const versions = versionsOf(group)
  const release = releaseAt(restOf(versions)?.instanceTemplate)
  if (release === undefined) throw unusable(nameOf(group), 'launches from a template that is gone')
  const releases = versions.map((one) => releaseAt(one.instanceTemplate) ?? release)
  const instances = members.flatMap((one) => {
    const from = releaseAt(one.version?.instanceTemplate) ?? release
    return instanceView(group, one, machines.get(String(one.id)), from) ?? []
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
