import { DEFINITION, type Site } from './site.ts'
import { idOf, type BalancerKind, type BalancerRecord, type Body, type Reference, type SetRecord } from './wire/account.ts'
import type { ProfileRecord } from './wire/profile.ts'
import { poolsKey } from './wire/cards.ts'
import { converge } from './wire/converge.ts'
import { newSet } from './wire/set-changes.ts'

/** The versions that a fleet runs, and another one. */
export const [OLD, NEW] = ['1.0.0', '1.0.1']

export interface FleetSettings {
  /** The bounds of its autoscale setting. @default - it has none */
  readonly bounds?: { readonly min: number; readonly max: number }
  readonly name?: string
  readonly mode?: SetRecord['mode']
  readonly size?: number
  /** What it launches. @default - the version that a fleet runs */
  readonly image?: Reference
  /** What says whether its instances are well. @default 'extension' */
  readonly health?: 'extension' | 'probe' | 'none'
  /** Load balancer and pool that it is behind, `web-lb/web`; what ends in `-gw` is an application gateway. @default - none */
  readonly pool?: string
  readonly upgradeMode?: string
  /** Whether it is spread over the zones of its region. @default true */
  readonly zonal?: boolean
  /** More of its own settings. @default - none */
  readonly properties?: Body
}

/** A scale set as its owner would make it, and by when all that can be well is. */
export function setUpFleet(site: Site, settings: FleetSettings = {}): SetRecord {
  site.publish(OLD)
  site.publish(NEW)
  const set = makeFleet(site, settings)
  site.world.runUntil(site.world.now + 120_000)
  site.account.requests.length = 0
  return set
}

/** The same as soon as it is asked for. */
export function makeFleet(
  site: Site,
  {
    name = 'web',
    mode = 'Uniform',
    size = 3,
    image,
    health = 'extension',
    pool,
    upgradeMode = 'Manual',
    bounds,
    zonal = true,
    properties = {},
  }: FleetSettings = {},
): SetRecord {
  const { account } = site
  const model = {
    sku: { name: 'Standard_D2s_v5', tier: 'Standard', capacity: size },
    properties: {
      singlePlacementGroup: false,
      upgradePolicy: { mode: upgradeMode },
      ...(mode === 'Uniform' ? { overprovision: false } : {}),
      ...properties,
      virtualMachineProfile: profileOf(name, image ?? { id: `${DEFINITION}/versions/${OLD}` }, health, pool),
    },
    more: { ...(zonal ? { zones: ['1', '2', '3'] } : {}), tags: { team: 'shop' } },
  }
  const set = newSet(account, { name, mode, model, provisioningState: 'Succeeded' })
  account.sets.set(name, set)
  if (pool !== undefined) setUpBalancer(site, pool)
  if (bounds !== undefined)
    account.settings.set(`${name}-by-load`, settingFor(idOf(account, `virtualMachineScaleSets/${name}`), bounds))
  converge(account, set)
  return set
}

/** The other slot, as its owner made it: empty, in a pool of its own to which no rule sends, and with the same bounds. */
export function addSlot(site: Site, { bounds, ...settings }: FleetSettings = {}): void {
  setUpFleet(site, { name: 'web-b', size: 0, mode: 'Flexible', bounds: { min: 0, max: bounds?.max ?? 10 }, ...settings })
}

/** An endpoint for each of these pools, the first of which has all traffic, in a profile `shop` or an origin group `front/web`. */
export function leadTo(site: Site, kind: ProfileRecord['kind'], ...pools: readonly string[]): ProfileRecord {
  for (const pool of pools) setUpBalancer(site, pool)
  const endpoints = new Map(
    pools.map((pool, index) => {
      const [name = ''] = pool.split('-')
      return [name, { pool, weight: 50, isEnabled: index === 0, priority: 1, busyUntil: 0 }]
    }),
  )
  const profile = { kind, endpoints, ttl: 30, method: 'Weighted', latencyMs: 50, isSticky: false }
  site.account.profiles.set(kind === 'trafficManager' ? 'shop' : 'front/web', profile)
  return profile
}

/** A load balancer with one pool, `web-lb/web`, to which its rule sends all; or another pool of one that is there. */
function setUpBalancer({ account }: Site, name: string): void {
  const [balancer = '', pool = ''] = name.split('/')
  const there = account.balancers.get(balancer)
  if (there !== undefined) return void there.pools.set(pool, there.pools.get(pool) ?? new Map())
  const record: BalancerRecord = {
    kind: kindOf(balancer),
    pools: new Map([[pool, new Map()]]),
    rules: new Map([['http', pool]]),
    tags: { team: 'shop' },
    etag: 1,
    busyUntil: 0,
  }
  account.balancers.set(balancer, record)
}

function kindOf(name = ''): BalancerKind {
  return name.endsWith('-gw') ? 'applicationGateways' : 'loadBalancers'
}

/** An autoscale setting that keeps a set within bounds, and adds to it when its machines are busy. */
function settingFor(set: string, { min, max }: { readonly min: number; readonly max: number }): Body {
  const metric = { metricName: 'Percentage CPU', metricResourceUri: set, timeGrain: 'PT1M', statistic: 'Average' }
  const trigger = { ...metric, timeWindow: 'PT10M', timeAggregation: 'Average', operator: 'GreaterThan', threshold: 70 }
  const rule = {
    metricTrigger: trigger,
    scaleAction: { direction: 'Increase', type: 'ChangeCount', value: '1', cooldown: 'PT5M' },
  }
  const capacity = { minimum: String(min), maximum: String(max), default: String(min) }
  return {
    location: 'westeurope',
    tags: {},
    properties: {
      enabled: true,
      targetResourceUri: set,
      profiles: [{ name: 'always', capacity, rules: [rule] }],
      notifications: [],
    },
  }
}

/** Has a set launch another image from now on, as its owner would by a change of the model. */
export function launchFrom(set: SetRecord, image: Reference): void {
  const { virtualMachineProfile: profile } = set.model.properties as { virtualMachineProfile: { storageProfile: Body } }
  changeModel(set, { storageProfile: { ...profile.storageProfile, imageReference: image } })
  set.edits++
  set.etag++
}

/** Has a set, and all that runs in it, another profile from the first. */
export function changeModel(set: SetRecord, changes: Body): void {
  const { virtualMachineProfile: profile } = set.model.properties as { virtualMachineProfile: Body }
  set.model = { ...set.model, properties: { ...set.model.properties, virtualMachineProfile: { ...profile, ...changes } } }
}

function profileOf(name: string, image: Reference, health: FleetSettings['health'], pool: string | undefined): Body {
  const network = '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/shop/providers/Microsoft.Network'
  const [balancer, members] = (pool ?? '').split('/')
  const id = `${network}/${kindOf(balancer)}/${balancer}/backendAddressPools/${members}`
  const extension = {
    name: 'health',
    properties: {
      publisher: 'Microsoft.ManagedServices',
      type: 'ApplicationHealthLinux',
      typeHandlerVersion: '1.0',
      settings: { protocol: 'http', port: 80, requestPath: '/healthy' },
    },
  }
  const address = {
    name: 'ip',
    properties: {
      subnet: { id: `${network}/virtualNetworks/shop/subnets/web` },
      ...(pool === undefined ? {} : { [poolsKey(id)]: [{ id }] }),
    },
  }
  return {
    osProfile: { computerNamePrefix: name, adminUsername: 'shop', linuxConfiguration: { disablePasswordAuthentication: true } },
    storageProfile: {
      imageReference: image,
      osDisk: { createOption: 'FromImage', managedDisk: { storageAccountType: 'Premium_LRS' } },
    },
    networkProfile: {
      ...(health === 'probe' ? { healthProbe: { id: `${network}/loadBalancers/${balancer}/probes/http` } } : {}),
      networkInterfaceConfigurations: [{ name: 'nic', properties: { primary: true, ipConfigurations: [address] } }],
    },
    ...(health === 'extension' ? { extensionProfile: { extensions: [extension] } } : {}),
  }
}
