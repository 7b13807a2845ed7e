import { networkId, type Account, type Body } from './account.ts'
import type { EndpointRecord, ProfileRecord } from './profile.ts'
import { begin, type Begun } from './begin.ts'
import { Fault, notFound } from './fault.ts'
import { sharesKnown, spread } from './spreading.ts'

const [TM, ORIGINS] = ['Microsoft.Network/trafficManagerProfiles', 'Microsoft.Cdn/profiles/originGroups']
/** What an endpoint may weigh. */
const [LEAST, MOST] = [1, 1_000]

/** A Traffic Manager profile, whose endpoints are parts of it. It has no entity tag. */
export function profileBody(account: Account, name: string): Body {
  const { endpoints, ttl, method } = profileAt(account, name, TM)
  return {
    id: networkId(account, `trafficManagerProfiles/${name}`),
    name,
    type: TM,
    location: 'global',
    properties: {
      profileStatus: 'Enabled',
      trafficRoutingMethod: method,
      dnsConfig: { relativeName: name, fqdn: `${name}.trafficmanager.net`, ttl },
      monitorConfig: { profileMonitorStatus: 'Online', protocol: 'HTTP', port: 80, path: '/' },
      endpoints: [...endpoints].map(([one, record]) => endpointBody(account, name, one, record)),
    },
  }
}

function endpointBody(account: Account, profile: string, name: string, record: EndpointRecord): Body {
  const { weight, isEnabled, priority, ill, pool } = record
  return {
    id: networkId(account, `trafficManagerProfiles/${profile}/azureEndpoints/${name}`),
    name,
    type: `${TM}/azureEndpoints`,
    properties: {
      endpointStatus: isEnabled ? 'Enabled' : 'Disabled',
      endpointMonitorStatus: isEnabled ? (ill ?? 'Online') : 'Disabled',
      targetResourceId: networkId(account, `publicIPAddresses/${pool.split('/')[0]}`),
      target: `${name}.westeurope.cloudapp.azure.com`,
      weight,
      priority,
    },
  }
}

/** Changes an endpoint, at once. What is not said of it stays. */
export function patchEndpoint(account: Account, profile: string, name: string, body: Body): Body {
  const record = endpointAt(account, profile, name, TM)
  const { weight, endpointStatus } = body['properties'] as Patch
  change(account, profileAt(account, profile, TM), record, { weight: weighed(weight), isEnabled: enabled(endpointStatus) })
  return endpointBody(account, profile, name, record)
}

interface Patch {
  readonly weight?: number
  readonly endpointStatus?: string
  readonly enabledState?: string
}

/** An origin group of Front Door, `front/web`; its origins are resources of their own. */
export function originGroupBody(account: Account, name: string): Body {
  const { isSticky, latencyMs } = profileAt(account, name, ORIGINS)
  return {
    id: originsPlace(account, name),
    name: name.split('/')[1],
    type: ORIGINS,
    properties: {
      sessionAffinityState: isSticky ? 'Enabled' : 'Disabled',
      loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 3, additionalLatencyInMilliseconds: latencyMs },
      provisioningState: 'Succeeded',
      deploymentStatus: 'NotStarted',
    },
  }
}

/** Its origins. */
export function originBodies(account: Account, group: string): Body[] {
  const { endpoints } = profileAt(account, group, ORIGINS)
  return [...endpoints].map(([name, record]) => originBody(account, group, name, record))
}

function originBody(account: Account, group: string, name: string, record: EndpointRecord): Body {
  const { weight, isEnabled, priority, busyUntil } = record
  return {
    id: `${originsPlace(account, group)}/origins/${name}`,
    name,
    type: `${ORIGINS}/origins`,
    properties: {
      hostName: `${name}.westeurope.cloudapp.azure.com`,
      httpPort: 80,
      priority,
      weight,
      enabledState: isEnabled ? 'Enabled' : 'Disabled',
      enforceCertificateNameCheck: true,
      provisioningState: busyUntil > account.world.now ? 'Updating' : 'Succeeded',
      deploymentStatus: 'NotStarted',
    },
  }
}

/** Changes an origin, which takes a while; meanwhile it is not changed again. */
export function patchOrigin(account: Account, group: string, name: string, body: Body): Begun {
  const record = endpointAt(account, group, name, ORIGINS)
  if (record.busyUntil > account.world.now)
    throw new Fault(409, 'Conflict', `Another operation on the origin ${name} is in progress.`)
  const { weight, enabledState } = body['properties'] as Patch
  change(account, profileAt(account, group, ORIGINS), record, { weight: weighed(weight), isEnabled: enabled(enabledState) })
  record.busyUntil = account.world.now + account.operationMs
  const { operation } = begin(account, 'Microsoft.Cdn', () => undefined)
  return { status: 202, operation, body: originBody(account, group, name, record) }
}

/** Endpoints of a profile as a person writes them, by the pools that they lead to: whoever gets nothing is disabled. */
export function weighEndpoints(account: Account, profile: ProfileRecord, weights: Readonly<Record<string, number>>): void {
  for (const record of profile.endpoints.values()) {
    const weight = weights[record.pool] ?? 0
    change(account, profile, record, { weight: weight === 0 ? undefined : weight, isEnabled: weight > 0 })
  }
}

/** Writes an endpoint. What is not said of it stays. */
function change(account: Account, profile: ProfileRecord, record: EndpointRecord, written: Written): void {
  const before = sharesKnown(profile)
  record.weight = written.weight ?? record.weight
  record.isEnabled = written.isEnabled ?? record.isEnabled
  spread(account, profile, before)
}

interface Written {
  readonly weight: number | undefined
  readonly isEnabled: boolean | undefined
}

function weighed(weight: number | undefined): number | undefined {
  if (weight === undefined || (Number.isInteger(weight) && weight >= LEAST && weight <= MOST)) return weight
  throw new Fault(400, 'BadRequest', `The weight ${weight} is not between ${LEAST} and ${MOST}.`)
}

function enabled(state: string | undefined): boolean | undefined {
  if (state === undefined || state === 'Enabled' || state === 'Disabled') return state && state === 'Enabled'
  throw new Fault(400, 'BadRequest', `${state} is no state of an endpoint.`)
}

function originsPlace(account: Account, group: string): string {
  const [profile, name] = group.split('/')
  return networkId(account, '').replace(/Microsoft.Network\/$/, `Microsoft.Cdn/profiles/${profile}/originGroups/${name}`)
}

function profileAt({ profiles, resourceGroup }: Account, name: string, type: string): ProfileRecord {
  const found = profiles.get(name)
  if (found !== undefined && (found.kind === 'trafficManager') === (type === TM)) return found
  throw notFound(type, name, resourceGroup)
}

function endpointAt(account: Account, profile: string, name: string, type: string): EndpointRecord {
  const found = profileAt(account, profile, type).endpoints.get(name)
  if (found !== undefined) return found
  throw notFound(`${type}/endpoints`, `${profile}/${name}`, account.resourceGroup)
}
