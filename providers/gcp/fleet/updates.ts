import type { UpdateView } from '../../../src/core/snapshot.ts'
import { nameIn } from '../sdk/urls.ts'
import { nameOf } from './groups.ts'
import { sizesOf, versionsOf, type Sized } from './sizes.ts'

/**
 * What a group's own updater is at; `undefined` when it has nothing to do. It has no operation that could be named: it works whenever a
 * group is proactive and its instances are not of its versions.
 */
export function updateView(sized: Sized): UpdateView | undefined {
  const { group, instances, releases } = sized
  const { type, replacementMethod } = group.updatePolicy ?? {}
  if (type !== 'PROACTIVE' || group.status?.versionTarget?.isReached !== false) return undefined
  const sizes = sizesOf({ ...sized, instances: [] })
  const countOf = (release: string) => instances.filter((one) => one.release === release && one.state !== 'terminating').length
  const release = releases.find((one) => countOf(one) < (sizes[one] ?? 0)) ?? releases[0] ?? ''
  const versions = versionsOf(group).map((one) => nameIn(one.instanceTemplate))
  return {
    id: [nameOf(group), ...versions].join('/'),
    state: 'running',
    release,
    // The same name with another machine behind it.
    ...(replacementMethod === 'RECREATE' ? { reimages: true } : {}),
    says: `the updater of ${nameOf(group)}, PROACTIVE, ${countOf(release)} of ${sizes[release] ?? 0} instances of ${versions.join(' and ')} there`,
  }
}
