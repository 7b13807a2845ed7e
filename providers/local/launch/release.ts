import { createHash } from 'node:crypto'
import { formatImageRef, type ImageRef } from '../../../src/core/image.ts'
import type { ReleaseId } from '../../../src/core/snapshot.ts'

/** The id of an image launched with settings of this digest. */
export function releaseId(image: ImageRef, launch: string): ReleaseId {
  return `r-${createHash('sha256')
    .update(`${formatImageRef(image)} ${launch}`)
    .digest('hex')
    .slice(0, 12)}`
}
