import type { VirtualMachineScaleSet } from '@azure/arm-compute'
import { rolloutError } from '../../../src/core/errors.ts'
import { MARKS, tagged } from '../marks.ts'
import { locationOf } from '../images/lookup.ts'

/** A scale set as Azure describes it. */
export type ScaleSet = VirtualMachineScaleSet

/** The name of a scale set. @throws RolloutError `host-unfit` for an answer without one, which Azure never gives. */
export function nameOf({ name }: ScaleSet): string {
  if (name === undefined) throw rolloutError('host-unfit', 'Azure described a scale set without a name.', { why: 'no name' })
  return name
}

/** The region of a scale set, `westeurope`. */
export function regionOf({ location }: ScaleSet): string {
  return locationOf(location)
}

/** Whether its instances are ordinary virtual machines. */
export function isFlexible({ orchestrationMode }: ScaleSet): boolean {
  return orchestrationMode === 'Flexible'
}

/** The most instances that it can have: those of one placement group, or of several. */
export function largestOf(set: ScaleSet): number {
  return set.singlePlacementGroup === true && !isFlexible(set) ? 100 : 1_000
}

/** What says in a set whether an instance is well, in Azure's words. @default - nothing */
export function healthSourceOf({ virtualMachineProfile: profile }: ScaleSet): string | undefined {
  const extensions = profile?.extensionProfile?.extensions ?? []
  // The client calls an extension's type so, for `type` is the name of the resource's.
  if (extensions.some((one) => /^ApplicationHealth(?:Linux|Windows)$/i.test(one.typePropertiesType ?? '')))
    return 'application health extension'
  return profile?.networkProfile?.healthProbe?.id === undefined ? undefined : 'load balancer probe'
}

/** Pools that the instances of a set join as they start, each once: `web-lb/web`, or its name alone where imago made it for this set. */
export function poolsOf(set: ScaleSet, isSlot: boolean): readonly string[] {
  const isClone = !isSlot && tagged(set.tags, MARKS.rollout) !== undefined
  return [...new Set(poolIdsOf(set).map(poolName))].map((one) => (isClone && one.endsWith(`/${set.name}`) ? nameOf(set) : one))
}

/** Resource ids of those pools, as Azure writes them. */
export function poolIdsOf({ virtualMachineProfile: profile }: ScaleSet): readonly string[] {
  const addresses = profile?.networkProfile?.networkInterfaceConfigurations?.flatMap((one) => one.ipConfigurations ?? []) ?? []
  const pools = addresses.flatMap((one) => [
    ...(one.loadBalancerBackendAddressPools ?? []),
    ...(one.applicationGatewayBackendAddressPools ?? []),
  ])
  return pools.flatMap(({ id }) => id ?? [])
}

/** Where an address names a pool of this id: load balancers and application gateways have a list each. */
export function poolsKey(id: string) {
  return /\/applicationGateways\//i.test(id) ? 'applicationGatewayBackendAddressPools' : 'loadBalancerBackendAddressPools'
}

/** `…/loadBalancers/web-lb/backendAddressPools/web` is the pool `web-lb/web`. */
export function poolName(id: string): string {
  const parts = id.split('/')
  return [parts.at(-3), parts.at(-1)].join('/')
}
