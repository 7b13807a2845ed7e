import type { UpdateView } from '../../../src/core/snapshot.ts'
import { marksOf } from '../marks.ts'
import { nameIn } from '../sdk/urls.ts'
import { nameOf } from './groups.ts'
import { restOf, sizesOf, versionsOf, type Sized } from './sizes.ts'

/**
 * What a group's own updater is at. It has no operation that could be named: it works whenever a group is proactive and its instances are not
 * of its versions, and goes on with what it has launched beyond the size when it is told to leave instances alone.
 *
 * @param isAsked whether one that rests is shown too.
 */
export function updateView(sized: Sized, isAsked: boolean): UpdateView | undefined {
  const { group, instances, releases } = sized
  const { type, replacementMethod, mostDisruptiveAllowedAction: most = 'REPLACE' } = group.updatePolicy ?? {}
  const versions = versionsOf(group)
  const staying = instances.filter((one) => one.state !== 'terminating')
  const isReached = group.status?.versionTarget?.isReached !== false
  const works = !isReached && (type === 'PROACTIVE' || (isAsked && staying.length > (group.targetSize ?? 0)))
  // It was told how many to leave, or what is to go with it has not been told to yet.
  const waits = isAsked && ((type === 'PROACTIVE' && versions.length > 1) || marksOf(group).size !== undefined)
  if (!works && !isAsked) return undefined
  const sizes = sizesOf({ ...sized, instances: [] })
  const countOf = (release: string) => staying.filter((one) => one.release === release).length
  const rest = releases[versions.indexOf(restOf(versions) ?? {})] ?? ''
  const release = (works ? releases.find((one) => countOf(one) < (sizes[one] ?? 0)) : undefined) ?? rest
  const names = versions.map((one) => nameIn(one.instanceTemplate))
  const there = `${countOf(release)} of ${sizes[release] ?? 0} instances of ${names.join(' and ')} there`
  const bounded = most === 'REPLACE' ? '' : `, ${most} at most`
  return {
    id: [nameOf(group), ...names].join('/'),
    state: works || waits ? 'running' : 'ended',
    release,
    // The same name with another machine behind it.
    ...(replacementMethod === 'RECREATE' ? { reimages: true } : {}),
    says: `the updater of ${nameOf(group)}, ${type ?? 'OPPORTUNISTIC'}${bounded}, ${there}`,
  }
}
