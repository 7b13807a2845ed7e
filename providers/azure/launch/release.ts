import { createHash } from 'node:crypto'
import { formatImageRef, type ImageRef } from '../../../src/core/image.ts'
import { canonical, isObject } from '../../../src/core/json.ts'
import type { Release, ReleaseId } from '../../../src/core/snapshot.ts'
import type { LaunchModel } from './model.ts'
import { NEVER_GIVEN_BACK } from './unreadable.ts'

/** What belongs to a scale set and not to what it launches: a clone has its own of it, and the release is the same. */
const OF_THE_SET = new Set([
  'computerNamePrefix',
  'domainNameLabel',
  'healthProbe',
  'applicationGatewayBackendAddressPools',
  'loadBalancerBackendAddressPools',
  'loadBalancerInboundNatPools',
])
/** What Azure answers and nobody sets, what it never answers, and the image, which stands beside the settings. */
const NO_SETTING = new Set<string>(['timeCreated', 'provisioningState', 'imageReference', ...NEVER_GIVEN_BACK])

/** An image launched with settings of this digest. Azure keeps no settings but those that a scale set launches now. */
export function releaseOf(image: ImageRef, launch: string): Release {
  return Object.freeze({ id: releaseId(image, launch), image, launch })
}

/** The id of an image launched with settings of this digest. */
export function releaseId(image: ImageRef, launch: string): ReleaseId {
  return `r-${digest(`${formatImageRef(image)} ${launch}`).slice(0, 12)}`
}

/** Names everything that is launched beside the image. */
export function launchDigest(model: LaunchModel): string {
  return `sha256-${digest(canonical(pruned(model) ?? {}))}`
}

/**
 * Names the settings of an instance that was launched by an earlier model: Azure says that they are others, and not which. Two such
 * instances count as the same.
 */
export function earlierLaunch(launch: string): string {
  return `sha256-${digest(`before ${launch}`)}`
}

/** Whether two parts of what is launched are the same. */
export function sameSettings(a: unknown, b: unknown): boolean {
  return canonical(pruned(a) ?? {}) === canonical(pruned(b) ?? {})
}

/** What is not set and what is set to nothing say the same, and resource ids say the same in upper and lower case. */
function pruned(value: unknown): unknown {
  if (value === '' || value === null) return undefined
  if (typeof value === 'string') return value.startsWith('/subscriptions/') ? value.toLowerCase() : value
  if (Array.isArray(value)) {
    const kept = value.map(pruned).filter((one) => one !== undefined)
    return kept.length > 0 ? kept : undefined
  }
  if (!isObject(value)) return value
  const kept = Object.entries(value)
    .filter(([key]) => !OF_THE_SET.has(key) && !NO_SETTING.has(key))
    .map(([key, one]) => [key, pruned(one)] as const)
    .filter(([, one]) => one !== undefined)
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
