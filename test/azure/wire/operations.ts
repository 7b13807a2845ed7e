import { idOf, type Account, type Body, type SetRecord } from './account.ts'
import { changes } from './changes.ts'
import { Fault, notFound } from './fault.ts'
import { definitionAt, definitionBody, marketplaceBody, marketplaceVersions, skuBodies, versionBody } from './images.ts'
import { COMPUTE, of, setAt, type Asked, type Operation } from './operation.ts'
import { flexibleBody, setBody, uniformBody } from './outputs.ts'
import { latestUpgrade } from './upgrades.ts'
import { usageBodies } from './usage.ts'

const GALLERIES = '2025-12-03'

/** What of Azure's services is served, by the clients' names for it. */
export const operations: Readonly<Record<string, Operation>> = {
  ...changes,
  'virtualMachineScaleSets.list': read('/virtualMachineScaleSets', COMPUTE, (account) => ({
    pages: [...account.sets.values()].map((one) => setBody(account, one, null)),
  })),
  'virtualMachineScaleSets.get': read('/virtualMachineScaleSets/(?<set>[^/]+)', COMPUTE, (account, { at, query }) =>
    setBody(account, setAt(account, at), query.get('$expand')),
  ),
  'virtualMachineScaleSets.getInstanceView': read(
    '/virtualMachineScaleSets/(?<set>[^/]+)/instanceView',
    COMPUTE,
    (account, { at }) => instanceView(setAt(account, at)),
  ),
  'virtualMachineScaleSetVMs.list': read(
    '/virtualMachineScaleSets/(?<set>[^/]+)/virtualMachines',
    COMPUTE,
    (account, { at, query }) => ({ pages: uniformMembers(account, setAt(account, at), query) }),
  ),
  'virtualMachines.list': read('/virtualMachines', COMPUTE, (account, { query }) => ({ pages: flexibleMembers(account, query) })),
  'virtualMachineScaleSetRollingUpgrades.getLatest': read(
    '/virtualMachineScaleSets/(?<set>[^/]+)/rollingUpgrades/latest',
    COMPUTE,
    (account, { at }) => {
      const set = setAt(account, at)
      const [{ name }, upgrade] = [set, latestUpgrade(set)]
      if (upgrade !== undefined) return { name: 'latest', location: account.location, properties: upgrade }
      throw new Fault(404, 'NotFound', `The Virtual Machine Scale Set ${name} has no rolling upgrade.`)
    },
  ),
  'galleryImages.get': read('/galleries/(?<gallery>[^/]+)/images/(?<definition>[^/]+)', GALLERIES, (account, { at }) =>
    definitionBody(account, address(at), definitionAt(account, address(at))),
  ),
  'galleryImageVersions.listByGalleryImage': read(
    '/galleries/(?<gallery>[^/]+)/images/(?<definition>[^/]+)/versions',
    GALLERIES,
    (account, { at }) => ({
      pages: [...definitionAt(account, address(at)).versions].map(([version, one]) =>
        versionBody(account, address(at), version, one, false),
      ),
    }),
  ),
  'galleryImageVersions.get': read(
    '/galleries/(?<gallery>[^/]+)/images/(?<definition>[^/]+)/versions/(?<version>[^/]+)',
    GALLERIES,
    (account, { at, query }) => {
      const one = definitionAt(account, address(at)).versions.get(at['version'] ?? '')
      if (one === undefined) throw notFound('Microsoft.Compute/galleries/images/versions', at['version'] ?? '', at['group'] ?? '')
      return versionBody(account, address(at), at['version'] ?? '', one, query.get('$expand') === 'ReplicationStatus')
    },
  ),
  'virtualMachineImages.list': read(`${marketplacePath()}/versions`, COMPUTE, (account, { at }) =>
    marketplaceVersions(account, marketplaceKey(at)),
  ),
  'virtualMachineImages.get': read(`${marketplacePath()}/versions/(?<version>[^/]+)`, COMPUTE, (account, { at }) =>
    marketplaceBody(account, marketplaceKey(at), at['version'] ?? ''),
  ),
  'usage.list': read('/locations/(?<location>[^/]+)/usages', COMPUTE, (account) => ({ pages: usageBodies(account) })),
  'resourceSkus.list': read('/skus', '2021-07-01', (account) => ({ pages: skuBodies(account) })),
}

function read(path: string, version: string, answer: Operation['answer']): Operation {
  return of('Compute', path, version, 'GET', answer)
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
