import type {
  VirtualMachineScaleSetIPConfiguration,
  VirtualMachineScaleSetNetworkConfiguration,
  VirtualMachineScaleSetNetworkProfile,
} from '@azure/arm-compute'
import { poolsKey } from '../fleet/set.ts'

/** What a clone cannot have of how a set is connected. */
export function networkObstacles(profile: VirtualMachineScaleSetNetworkProfile | undefined): string[] {
  const addresses = addressesOf(profile)
  return [
    ...(addresses.some((one) => (one.loadBalancerInboundNatPools ?? []).length > 0)
      ? ['it has an inbound NAT pool, and one of those serves one set only']
      : []),
    ...(addresses.some((one) => one.publicIPAddressConfiguration?.dnsSettings?.domainNameLabel !== undefined)
      ? ['its machines have public names by a label, which a second set cannot have']
      : []),
  ]
}

/** A network profile whose primary address is in this pool and in no other, or in none. */
export function inPool(
  profile: VirtualMachineScaleSetNetworkProfile,
  pool: string | undefined,
): VirtualMachineScaleSetNetworkProfile {
  return withPools(profile, (_pools, isPrimary) => (isPrimary && pool !== undefined ? [{ id: pool }] : []))
}

/** One whose primary address is in this pool too. */
export function alsoInPool(profile: VirtualMachineScaleSetNetworkProfile, pool: string): VirtualMachineScaleSetNetworkProfile {
  return withPools(profile, (pools, isPrimary) => (isPrimary ? [...without(pools, pool), { id: pool }] : pools))
}

/** One that is not in this pool. */
export function outOfPool(profile: VirtualMachineScaleSetNetworkProfile, pool: string): VirtualMachineScaleSetNetworkProfile {
  return withPools(profile, (pools) => without(pools, pool))
}

type Pools = readonly { readonly id?: string }[]

function withPools(
  profile: VirtualMachineScaleSetNetworkProfile,
  change: (pools: Pools, isPrimary: boolean) => Pools,
): VirtualMachineScaleSetNetworkProfile {
  const networkInterfaceConfigurations = cardsOf(profile).map((card, _index, cards) => {
    const addresses = card.ipConfigurations ?? []
    const ipConfigurations = addresses.map((one) => {
      const {
        loadBalancerBackendAddressPools: balanced = [],
        applicationGatewayBackendAddressPools: proxied = [],
        ...address
      } = one
      const after = change([...balanced, ...proxied], isFirst(card, cards) && isFirst(one, addresses))
      return { ...address, ...Object.groupBy(after, ({ id = '' }) => poolsKey(id)) }
    })
    return { ...card, ipConfigurations }
  })
  return { ...profile, networkInterfaceConfigurations }
}

function without(pools: Pools, pool: string): Pools {
  return pools.filter(({ id }) => id?.toLowerCase() !== pool.toLowerCase())
}

/** Of several the one that says so; a single one need not say it. */
function isFirst<T extends { readonly primary?: boolean }>(one: T, all: readonly T[]): boolean {
  return one === (all.find((other) => other.primary === true) ?? all[0])
}

function addressesOf(
  profile: VirtualMachineScaleSetNetworkProfile | undefined,
): readonly VirtualMachineScaleSetIPConfiguration[] {
  return cardsOf(profile).flatMap((one) => one.ipConfigurations ?? [])
}

function cardsOf(
  profile: VirtualMachineScaleSetNetworkProfile | undefined,
): readonly VirtualMachineScaleSetNetworkConfiguration[] {
  return profile?.networkInterfaceConfigurations ?? []
}
