import { SUBSCRIPTION, type Account, type Body, type DefinitionRecord, type VersionRecord } from './account.ts'
import { Fault, notFound } from './fault.ts'

/** Where a definition is: the parts of its address. */
export interface Address {
  readonly subscription: string
  readonly group: string
  readonly gallery: string
  readonly definition: string
}

/** A definition, at its address. @throws Fault when it is not there. */
export function definitionAt({ definitions }: Account, { subscription, group, gallery, definition }: Address): DefinitionRecord {
  const found = definitions.get(`${subscription}/${group}/${gallery}/${definition}`.toLowerCase())
  if (found !== undefined) return found
  throw notFound('Microsoft.Compute/galleries', `${gallery}/images/${definition}`, group)
}

export function definitionBody({ location }: Account, address: Address, one: DefinitionRecord): Body {
  return {
    name: address.definition,
    id: pathOf(address),
    location,
    type: 'Microsoft.Compute/galleries/images',
    properties: {
      osType: 'Linux',
      osState: 'Generalized',
      hyperVGeneration: one.generation,
      architecture: one.architecture,
      identifier: { publisher: 'shop', offer: 'web', sku: address.definition },
      provisioningState: 'Succeeded',
    },
  }
}

export function versionBody(account: Account, address: Address, version: string, one: VersionRecord, expanded: boolean): Body {
  const regions = [...one.regions]
  const summary = regions.map(([name, status]) => ({ region: name.replaceAll(' ', '').toLowerCase(), ...status }))
  return {
    name: version,
    id: `${pathOf(address)}/versions/${version}`,
    location: account.location,
    tags: one.tags,
    type: 'Microsoft.Compute/galleries/images/versions',
    properties: {
      publishingProfile: {
        targetRegions: regions.map(([name]) => ({ name, regionalReplicaCount: 1, storageAccountType: 'Standard_LRS' })),
        excludeFromLatest: one.excluded,
        publishedDate: '2029-12-01T00:00:00.0000000+00:00',
        ...(one.endOfLife === undefined ? {} : { endOfLifeDate: one.endOfLife }),
      },
      storageProfile: { osDiskImage: { sizeInGB: 30, hostCaching: 'ReadWrite' } },
      provisioningState: one.provisioningState,
      ...(expanded ? { replicationStatus: { aggregatedState: 'Completed', summary } } : {}),
    },
  }
}

/** What machines of every size count against here, and how much. */
export const [FAMILY, CORES] = ['standardDSv5Family', 2]

/** Sizes of machines that the region has. */
export function skuBodies({ sizes, location }: Account): Body[] {
  return [...sizes].map(([name, { architecture, generations, restriction }]) => ({
    resourceType: 'virtualMachines',
    name,
    family: FAMILY,
    tier: 'Standard',
    locations: [location],
    capabilities: [
      { name: 'CpuArchitectureType', value: architecture },
      { name: 'HyperVGenerations', value: generations },
      { name: 'vCPUs', value: String(CORES) },
    ],
    restrictions:
      restriction === undefined
        ? []
        : [{ type: 'Location', values: [location], restrictionInfo: { locations: [location] }, reasonCode: restriction }],
  }))
}

/** The versions of an image in the marketplace. @throws Fault when there is no such image. */
export function marketplaceVersions(account: Account, key: string): Body[] {
  const found = account.marketplace.get(key.toLowerCase())
  if (found === undefined) throw new Fault(404, 'NotFound', `Artifact: VMImage was not found: ${key}.`)
  // In no order that means anything.
  return found.versions.toReversed().map((name) => ({ name, location: account.location, id: marketplaceId(account, key, name) }))
}

export function marketplaceBody(account: Account, key: string, version: string): Body {
  const found = account.marketplace.get(key.toLowerCase())
  if (found?.versions.includes(version) !== true)
    throw new Fault(404, 'NotFound', `Artifact: VMImage was not found: ${key}/${version}.`)
  return {
    name: version,
    location: account.location,
    id: marketplaceId(account, key, version),
    properties: {
      architecture: 'x64',
      hyperVGeneration: 'V2',
      ...(found.plan === undefined ? {} : { plan: found.plan }),
      imageDeprecationStatus: { imageState: found.deprecated ? 'Deprecated' : 'Active' },
    },
  }
}

function marketplaceId({ location }: Account, key: string, version: string): string {
  const [publisher, offer, sku] = key.split('/')
  return `/Subscriptions/${SUBSCRIPTION}/Providers/Microsoft.Compute/Locations/${location}/Publishers/${publisher}/ArtifactTypes/VMImage/Offers/${offer}/Skus/${sku}/Versions/${version}`
}

function pathOf({ subscription, group, gallery, definition }: Address): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Compute/galleries/${gallery}/images/${definition}`
}
