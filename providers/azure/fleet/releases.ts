import { rolloutError } from '../../../src/core/errors.ts'
import { sameImage } from '../../../src/core/image.ts'
import type { Release } from '../../../src/core/snapshot.ts'
import { launchedBy, refOf } from '../images/find.ts'
import { modelOf } from '../launch/model.ts'
import { earlierLaunch, launchDigest, releaseOf } from '../launch/release.ts'
import type { ResourceGroup } from '../resource-group.ts'
import { MARKS, tagged } from '../marks.ts'
import type { Member } from './member.ts'
import { nameOf, regionOf, type ScaleSet } from './set.ts'

/**
 * The release that a set launches next. A model that says `latest` launches what that is now.
 *
 * @throws RolloutError `unsupported` for a kind of image that is not understood.
 */
export async function launchedRelease({ caller }: ResourceGroup, set: ScaleSet, signal: AbortSignal): Promise<Release> {
  const reference = set.virtualMachineProfile?.storageProfile?.imageReference ?? {}
  const image = await launchedBy({ caller, location: regionOf(set), signal }, reference)
  if (image !== undefined) return releaseOf(image, launchDigest(modelOf(set)))
  const { id, sharedGalleryImageId, communityGalleryImageId } = reference
  const found = `launches ${sharedGalleryImageId ?? communityGalleryImageId ?? id ?? 'no image'}`
  const allowed = 'a version in a gallery of a subscription, or in the marketplace'
  throw rolloutError('unsupported', `The scale set ${nameOf(set)} ${found}, not ${allowed}; nothing was touched.`, {
    problems: [{ path: nameOf(set), found, allowed }],
  })
}

/**
 * The release that an instance was launched from, as far as Azure says it: its image and size are its own. Its other settings are taken for
 * those that the set launches now, unless Azure says that it has an earlier model of the same image, or its size is another: then they are
 * others, which are not known. Azure says it after any write, though, also of a tag: where the set bears a note of what its instances were
 * launched by, that tells.
 */
export function releaseOfMember(set: ScaleSet, { image, size, latestModel }: Member, launched: Release): Release {
  const own = refOf(image) ?? launched.image
  const isSameImage = sameImage(own, launched.image)
  const noted = tagged(set.tags, MARKS.launched)
  const isEarlier = latestModel === false && noted !== launched.launch
  if (isEarlier && noted !== undefined) return releaseOf(own, noted)
  if (!isSameSize(set, size) || (isEarlier && isSameImage)) return releaseOf(own, earlierLaunch(launched.launch))
  return isSameImage ? launched : releaseOf(own, launched.launch)
}

/** Whether a machine has the size that its set launches. A set of several sizes says of none that it is its own. */
function isSameSize({ sku, skuProfile }: ScaleSet, size: string | undefined): boolean {
  return size === undefined || skuProfile !== undefined || size.toLowerCase() === sku?.name?.toLowerCase()
}

/**
 * Why nobody can say any more what a set's instances were launched by once it is written: some have its latest model and some an earlier one
 * of the same image, and from then on Azure says that all have an earlier one. @default - it can be said
 */
export function whyMixed(set: ScaleSet, members: readonly Member[]): string | undefined {
  const launched = refOf(set.virtualMachineProfile?.storageProfile?.imageReference ?? {})
  const isOther = ({ image }: Member) => launched !== undefined && !sameImage(refOf(image) ?? launched, launched)
  const earlier = members.filter((one) => one.latestModel === false && !isOther(one))
  if (earlier.length === 0 || tagged(set.tags, MARKS.launched) === launchDigest(modelOf(set))) return undefined
  const names = earlier.map((one) => one.name).join(', ')
  return `${nameOf(set)} has instances of an earlier model (${names}), and Azure says so of all once anything is written: bring them to the latest model, or replace them, first`
}
