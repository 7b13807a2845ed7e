import { idOf, networkId, type Account, type Body, type MemberRecord, type SetRecord } from './account.ts'
import { connection } from './cards.ts'
import { cardName } from './converge.ts'
import { poolId } from './network.ts'

/** A scale set as Azure answers it: its user data only to those who ask for it. */
export function setBody(account: Account, set: SetRecord, expand: string | null): Body {
  const { name, mode, model, provisioningState, createdAt, etag } = set
  const { userData, ...profile } = model.properties['virtualMachineProfile'] as Body
  const asked = expand === 'userData' && userData !== undefined ? { userData } : {}
  return {
    name,
    id: idOf(account, `virtualMachineScaleSets/${name}`),
    type: 'Microsoft.Compute/virtualMachineScaleSets',
    location: account.location,
    etag: `"${etag}"`,
    sku: model.sku,
    ...model.more,
    properties: {
      ...model.properties,
      virtualMachineProfile: { ...profile, ...asked },
      orchestrationMode: mode,
      provisioningState,
      uniqueId: `unique-${name}-${createdAt}`,
      timeCreated: new Date(createdAt).toISOString(),
    },
  }
}

/** An instance of a Uniform set. */
export function uniformBody(account: Account, set: SetRecord, one: MemberRecord): Body {
  const card = account.cards.get(cardName(set, one.id))
  const isUpdating = card !== undefined && card.busyUntil > account.world.now && !one.isLeaving
  const said = health(account, set, one)
  return {
    name: `${set.name}_${one.id}`,
    id: idOf(account, `virtualMachineScaleSets/${set.name}/virtualMachines/${one.id}`),
    instanceId: one.id,
    type: 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines',
    location: account.location,
    sku: { name: one.size, tier: 'Standard' },
    ...(card === undefined ? {} : { etag: `W/"${card.etag}"` }),
    ...zonesOf(one),
    properties: {
      ...common(one),
      ...(isUpdating ? { provisioningState: 'Updating' } : {}),
      latestModelApplied: one.edit === set.edits,
      modelDefinitionApplied: card === undefined || card.etag === 1 ? 'VirtualMachineScaleSet' : 'VirtualMachine',
      hardwareProfile: {},
      networkProfileConfiguration: {
        networkInterfaceConfigurations: [
          {
            name: 'nic',
            properties: { primary: true, ipConfigurations: [{ name: 'ip', properties: connection(account, card?.pools ?? []) }] },
          },
        ],
      },
      instanceView: { ...view(one), ...(said === undefined ? {} : { vmHealth: { status: said } }) },
    },
  }
}

/** An instance of a Flexible set, an ordinary machine: its list shows what the extension within says, and no health of the machine. */
export function flexibleBody(account: Account, set: SetRecord, one: MemberRecord): Body {
  const said = health(account, set, one)
  const extension = {
    name: 'health',
    type: 'Microsoft.ManagedServices.ApplicationHealthLinux',
    substatuses: [{ code: 'ComponentStatus/AppHealthStatus/succeeded', level: said?.['level'], message: said?.['message'] }],
  }
  return {
    name: one.id,
    id: idOf(account, `virtualMachines/${one.id}`),
    type: 'Microsoft.Compute/virtualMachines',
    location: account.location,
    ...zonesOf(one),
    properties: {
      ...common(one),
      hardwareProfile: { vmSize: one.size },
      networkProfile: {
        networkInterfaces: [{ id: networkId(account, `networkInterfaces/${one.id}-nic`), properties: { primary: true } }],
      },
      virtualMachineScaleSet: { id: idOf(account, `virtualMachineScaleSets/${set.name}`) },
      instanceView: { ...view(one), extensions: said === undefined ? [] : [extension] },
    },
  }
}

function zonesOf({ zone }: MemberRecord): Body {
  return zone === '' ? {} : { zones: [zone] }
}

function common(one: MemberRecord): Body {
  return {
    vmId: one.vmId,
    storageProfile: { imageReference: one.image, osDisk: { createOption: 'FromImage' } },
    provisioningState: one.isLeaving
      ? 'Deleting'
      : one.failure !== undefined
        ? 'Failed'
        : isBooting(one)
          ? 'Creating'
          : 'Succeeded',
    timeCreated: new Date(one.launchedAt).toISOString(),
  }
}

function view(one: MemberRecord): Body {
  const { failure, machine } = one
  if (one.isLeaving) return { statuses: [{ code: 'ProvisioningState/deleting', level: 'Info', displayStatus: 'Deleting' }] }
  if (failure !== undefined) {
    const { code, message, at } = failure
    const status = { code: `ProvisioningState/failed/${code}`, level: 'Error', displayStatus: 'Provisioning failed', message }
    return { statuses: [{ ...status, time: new Date(at).toISOString() }] }
  }
  const provisioning = isBooting(one) ? 'creating' : 'succeeded'
  const power = machine?.state === 'dead' ? 'stopped' : isBooting(one) ? 'starting' : 'running'
  const statuses = [
    {
      code: `ProvisioningState/${provisioning}`,
      level: 'Info',
      displayStatus: `Provisioning ${provisioning}`,
      time: new Date(one.launchedAt).toISOString(),
    },
    { code: `PowerState/${power}`, level: 'Info', displayStatus: `VM ${power}` },
  ]
  const ready = { code: 'ProvisioningState/succeeded', level: 'Info', displayStatus: 'Ready', message: 'Guest Agent is running' }
  return { statuses, ...(isBooting(one) ? {} : { vmAgent: { vmAgentVersion: '2.11', statuses: [ready] } }) }
}

/** What a set's source of health says of an instance; nothing without one, or before the instance has come up. */
function health(account: Account, set: SetRecord, { id, machine }: MemberRecord): Body | undefined {
  const profile = set.model.properties['virtualMachineProfile'] as {
    extensionProfile?: unknown
    networkProfile?: { healthProbe?: unknown }
  }
  // A probe asks those to whom a rule sends.
  const pools = account.cards.get(cardName(set, id))?.pools ?? []
  const asked = [...account.balancers].flatMap(([name, { rules }]) =>
    [...rules.values()].map((pool) => poolId(account, name, pool).toLowerCase()),
  )
  if (profile.extensionProfile === undefined && !pools.some((one) => asked.includes(one))) return undefined
  const watched = profile.extensionProfile !== undefined || profile.networkProfile?.healthProbe !== undefined
  if (!watched || machine === undefined || machine.state === 'booting' || machine.state === 'dead') return undefined
  return machine.state === 'healthy'
    ? { code: 'HealthState/healthy', level: 'Info', displayStatus: 'Healthy' }
    : { code: 'HealthState/unhealthy', level: 'Error', displayStatus: 'Unhealthy', message: machine.reason }
}

function isBooting({ machine }: MemberRecord): boolean {
  return machine?.state === 'booting'
}
