import type {
  VirtualMachineScaleSetIPConfiguration,
  VirtualMachineScaleSetNetworkConfiguration,
  VirtualMachineScaleSetNetworkProfile,
} from '@azure/arm-compute'

/** What a clone cannot have of how a set is connected. */
export function networkObstacles(profile: VirtualMachineScaleSetNetworkProfile | undefined): string[] {
  const addresses = addressesOf(profile)
  return [
    ...(addresses.some((one) => (one.applicationGatewayBackendAddressPools ?? []).length > 0)
      ? ['it is in a pool of an application gateway, which this version of imago/azure does not route']
      : []),
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
  return {
    ...profile,
    networkInterfaceConfigurations: cardsOf(profile).map((card, _index, cards) => {
      const addresses = card.ipConfigurations ?? []
      return {
        ...card,
        ipConfigurations: addresses.map((one) => {
          const { loadBalancerBackendAddressPools: _pools, ...address } = one
          const isPrimary = isFirst(card, cards) && isFirst(one, addresses)
          return isPrimary && pool !== undefined ? { ...address, loadBalancerBackendAddressPools: [{ id: pool }] } : address
        }),
      }
    }),
  }
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
