import type { VirtualMachineImage } from '@azure/arm-compute'
import { callFailed } from '../../../src/core/errors.ts'
import { highest, type Lookup } from './lookup.ts'
import type { MarketplaceVersion } from './ref.ts'

/** Reads a version in the marketplace. @throws RolloutError `call-failed`, `not-found` when the region does not have it. */
export async function readMarketplace(
  { caller, location, signal }: Lookup,
  { publisher, offer, sku, version }: MarketplaceVersion,
): Promise<VirtualMachineImage> {
  return await caller.call({ name: 'virtualMachineImages.get', signal }, (client, options) =>
    client.virtualMachineImages.get(location, publisher, offer, sku, version, options),
  )
}

/** What `latest` stands for now. @throws RolloutError `call-failed` of class `not-found` when the region has no version. */
export async function newestInMarketplace(
  { caller, location, signal }: Lookup,
  { publisher, offer, sku }: Omit<MarketplaceVersion, 'version'>,
): Promise<string> {
  const all = await caller.call({ name: 'virtualMachineImages.list', signal }, (client, options) =>
    client.virtualMachineImages.list(location, publisher, offer, sku, options),
  )
  const newest = highest(all.map((one) => one.name))
  if (newest !== undefined) return newest
  const image = [publisher, offer, sku].join(':')
  throw callFailed('not-found', 'virtualMachineImages.list', `The marketplace has no version of ${image} in ${location}.`)
}
