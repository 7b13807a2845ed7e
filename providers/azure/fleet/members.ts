import type { VirtualMachine, VirtualMachineScaleSetVM } from '@azure/arm-compute'
import type { ResourceGroup } from '../resource-group.ts'
import { memberId, type Member, type Status } from './member.ts'
import { isFlexible, nameOf, type ScaleSet } from './set.ts'

/** All instances of a set: one call, and one more for each full page. How long a page is, Azure alone decides. */
export async function readMembers(group: ResourceGroup, set: ScaleSet, signal: AbortSignal): Promise<readonly Member[]> {
  const { caller, name, together } = group
  if (!isFlexible(set)) {
    const all = await together({ name: 'virtualMachineScaleSetVMs.list', signal }, nameOf(set), (shared) =>
      caller.list(shared, (client, options) =>
        client.virtualMachineScaleSetVMs.list(name, nameOf(set), { ...options, expand: 'instanceView' }),
      ),
    )
    return all.map((one) => uniform(set, one))
  }
  const filter = `'virtualMachineScaleSet/id' eq '${set.id}'`
  const all = await together({ name: 'virtualMachines.list', signal }, nameOf(set), (shared) =>
    caller.list(shared, (client, options) => client.virtualMachines.list(name, { ...options, filter, expand: 'instanceView' })),
  )
  return all.map(flexible)
}

function uniform(set: ScaleSet, one: VirtualMachineScaleSetVM): Member {
  const { instanceView: view, latestModelApplied } = one
  return {
    ...common(one, `${nameOf(set)}_${one.instanceId}`),
    key: one.instanceId ?? '',
    interfaces: one.id === undefined ? [] : [one.id.toLowerCase()],
    size: one.sku?.name,
    ...(latestModelApplied === undefined ? {} : { latestModel: latestModelApplied }),
    health: view?.vmHealth?.status,
  }
}

/** The list of a Flexible set's machines need not tell their health, but it shows what the extension that asks them has said. */
function flexible(one: VirtualMachine): Member {
  const { instanceView: view } = one
  return {
    ...common(one, one.name ?? ''),
    key: one.name ?? '',
    interfaces: (one.networkProfile?.networkInterfaces ?? []).flatMap(({ id }) => id?.toLowerCase() ?? []),
    size: one.hardwareProfile?.vmSize,
    health: view?.vmHealth?.status ?? extensionHealth(view?.extensions ?? []),
  }
}

type Common = Omit<Member, 'key' | 'size' | 'latestModel' | 'health' | 'interfaces'>

function common(one: VirtualMachine | VirtualMachineScaleSetVM, name: string): Common {
  const { vmId, storageProfile, zones, provisioningState, timeCreated, instanceView: view } = one
  const unique = vmId ?? one.id ?? ''
  return {
    id: memberId(name, unique),
    name,
    unique,
    image: storageProfile?.imageReference ?? {},
    zone: zones?.[0],
    provisioning: provisioningState,
    createdAt: timeCreated,
    statuses: view?.statuses ?? [],
    agent: view?.vmAgent?.statuses ?? [],
  }
}

type Extensions = NonNullable<NonNullable<VirtualMachine['instanceView']>['extensions']>

/** What the application health extension says, in the form of a machine's own health. */
function extensionHealth(extensions: Extensions): Status | undefined {
  const asking = extensions.find((one) => /ApplicationHealth(?:Linux|Windows)/i.test(one.type ?? ''))
  const said = asking?.substatuses?.find((one) => /AppHealth/i.test(one.code ?? ''))
  if (said === undefined) return undefined
  const health = { Info: 'healthy', Error: 'unhealthy', Warning: 'unknown' }[said.level ?? 'Warning'] ?? 'unknown'
  return { ...said, code: `HealthState/${health}` }
}
