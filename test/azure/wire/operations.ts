import { idOf, SUBSCRIPTION, type Account, type Body, type SetRecord } from './account.ts'
import { Fault, notFound } from './fault.ts'
import { definitionAt, definitionBody, marketplaceBody, marketplaceVersions, skuBodies, versionBody } from './images.ts'
import { flexibleBody, setBody, uniformBody } from './outputs.ts'

/** A request as an operation sees it. */
export interface Asked {
  /** The parts of the path that its pattern names. */
  readonly at: Readonly<Record<string, string>>
  readonly query: URLSearchParams
}

export interface Operation {
  readonly path: RegExp
  /** The only version of the API that this operation is asked in. */
  readonly version: string
  /** What it answers: one thing, or all items of a list of pages. */
  answer(account: Account, asked: Asked): Body | readonly Body[] | { readonly pages: readonly Body[] }
}

const COMPUTE = '2026-04-01'
const GALLERIES = '2025-12-03'
const PROVIDER = String.raw`/subscriptions/(?<subscription>[^/]+)(?:/resourceGroups/(?<group>[^/]+))?/providers/Microsoft\.Compute`

/** The reads of Azure's compute service, by the client's names for them. */
export const operations: Readonly<Record<string, Operation>> = {
  'virtualMachineScaleSets.get': of('/virtualMachineScaleSets/(?<set>[^/]+)', COMPUTE, (account, { at, query }) =>
    setBody(account, setAt(account, at), query.get('$expand')),
  ),
  'virtualMachineScaleSets.getInstanceView': of(
    '/virtualMachineScaleSets/(?<set>[^/]+)/instanceView',
    COMPUTE,
    (account, { at }) => instanceView(setAt(account, at)),
  ),
  'virtualMachineScaleSetVMs.list': of(
    '/virtualMachineScaleSets/(?<set>[^/]+)/virtualMachines',
    COMPUTE,
    (account, { at, query }) => ({ pages: uniformMembers(account, setAt(account, at), query) }),
  ),
  'virtualMachines.list': of('/virtualMachines', COMPUTE, (account, { query }) => ({ pages: flexibleMembers(account, query) })),
  'virtualMachineScaleSetRollingUpgrades.getLatest': of(
    '/virtualMachineScaleSets/(?<set>[^/]+)/rollingUpgrades/latest',
    COMPUTE,
    (account, { at }) => {
      const { upgrade, name } = setAt(account, at)
      if (upgrade !== undefined) return { name: 'latest', location: account.location, properties: upgrade }
      throw new Fault(404, 'NotFound', `The Virtual Machine Scale Set ${name} has no rolling upgrade.`)
    },
  ),
  'galleryImages.get': of('/galleries/(?<gallery>[^/]+)/images/(?<definition>[^/]+)', GALLERIES, (account, { at }) =>
    definitionBody(account, address(at), definitionAt(account, address(at))),
  ),
  'galleryImageVersions.listByGalleryImage': of(
    '/galleries/(?<gallery>[^/]+)/images/(?<definition>[^/]+)/versions',
    GALLERIES,
    (account, { at }) => ({
      pages: [...definitionAt(account, address(at)).versions].map(([version, one]) =>
        versionBody(account, address(at), version, one, false),
      ),
    }),
  ),
  'galleryImageVersions.get': of(
    '/galleries/(?<gallery>[^/]+)/images/(?<definition>[^/]+)/versions/(?<version>[^/]+)',
    GALLERIES,
    (account, { at, query }) => {
      const one = definitionAt(account, address(at)).versions.get(at['version'] ?? '')
      if (one === undefined) throw notFound('Microsoft.Compute/galleries/images/versions', at['version'] ?? '', at['group'] ?? '')
      return versionBody(account, address(at), at['version'] ?? '', one, query.get('$expand') === 'ReplicationStatus')
    },
  ),
  'virtualMachineImages.list': of(`${marketplacePath()}/versions`, COMPUTE, (account, { at }) =>
    marketplaceVersions(account, marketplaceKey(at)),
  ),
  'virtualMachineImages.get': of(`${marketplacePath()}/versions/(?<version>[^/]+)`, COMPUTE, (account, { at }) =>
    marketplaceBody(account, marketplaceKey(at), at['version'] ?? ''),
  ),
  'resourceSkus.list': of('/skus', '2021-07-01', (account) => ({ pages: skuBodies(account) })),
}

function of(path: string, version: string, answer: Operation['answer']): Operation {
  return { path: new RegExp(`^${PROVIDER}${path}$`, 'i'), version, answer }
}

function setAt(account: Account, { subscription, group = '', set = '' }: Asked['at']): SetRecord {
  const found = [...account.sets.values()].find((one) => one.name.toLowerCase() === set.toLowerCase())
  const isHere = subscription === SUBSCRIPTION && group.toLowerCase() === account.resourceGroup
  if (found === undefined || !isHere) throw notFound('Microsoft.Compute/virtualMachineScaleSets', set, group)
  return found
}

function instanceView(set: SetRecord): Body {
  const code = set.failure === undefined ? 'ProvisioningState/succeeded' : `ProvisioningState/failed/${set.failure.code}`
  const message = set.failure?.message
  return { virtualMachine: { statusesSummary: [] }, statuses: [{ code, message, time: new Date(set.createdAt).toISOString() }] }
}

function uniformMembers(account: Account, set: SetRecord, query: URLSearchParams): Body[] {
  // Machines of a Flexible set are listed as what they are.
  if (set.mode === 'Flexible') throw new Fault(400, 'BadRequest', `The scale set ${set.name} is Flexible.`)
  if (query.get('$expand') !== 'instanceView') throw new Fault(400, 'BadRequest', 'Nothing is asked for that would be of use.')
  return set.members.map((one) => uniformBody(account, set, one))
}

function flexibleMembers(account: Account, query: URLSearchParams): Body[] {
  const wanted = /^'virtualMachineScaleSet\/id' eq '(.+)'$/.exec(query.get('$filter') ?? '')?.[1]?.toLowerCase()
  if (wanted === undefined) throw new Fault(400, 'BadRequest', 'The filter is not understood.')
  const sets = [...account.sets.values()].filter((one) => one.mode === 'Flexible')
  const set = sets.find((one) => idOf(account, `virtualMachineScaleSets/${one.name}`).toLowerCase() === wanted)
  return set?.members.map((one) => flexibleBody(account, set, one)) ?? []
}

function address({ subscription = '', group = '', gallery = '', definition = '' }: Asked['at']) {
  return { subscription, group, gallery, definition }
}

function marketplacePath(): string {
  return '/locations/[^/]+/publishers/(?<publisher>[^/]+)/artifacttypes/vmimage/offers/(?<offer>[^/]+)/skus/(?<sku>[^/]+)'
}

function marketplaceKey({ publisher, offer, sku }: Asked['at']): string {
  return `${publisher}/${offer}/${sku}`
}
