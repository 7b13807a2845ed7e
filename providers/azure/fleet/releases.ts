import { rolloutError } from '../../../src/core/errors.ts'
import { sameImage } from '../../../src/core/image.ts'
import type { Release } from '../../../src/core/snapshot.ts'
import { launchedBy, refOf } from '../images/find.ts'
import { modelOf } from '../launch/model.ts'
import { earlierLaunch, launchDigest, releaseOf } from '../launch/release.ts'
import type { ResourceGroup } from '../resource-group.ts'
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
 * others, which are not known.
 */
export function releaseOfMember(set: ScaleSet, { image, size, latestModel }: Member, launched: Release): Release {
  const own = refOf(image) ?? launched.image
  const isSameImage = sameImage(own, launched.image)
  // A set of several sizes says of none that it is its own.
  const isSameSize = size === undefined || set.skuProfile !== undefined || size.toLowerCase() === set.sku?.name?.toLowerCase()
  if (!isSameSize || (isSameImage && latestModel === false)) return releaseOf(own, earlierLaunch(launched.launch))
  return isSameImage ? launched : releaseOf(own, launched.launch)
}
