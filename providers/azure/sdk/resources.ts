import type { ArmBody } from './arm.ts'

/** A Traffic Manager profile, as far as a router reads it. */
export interface Profile extends ArmBody {
  readonly properties: {
    readonly trafficRoutingMethod: string
    readonly dnsConfig: { readonly ttl?: number }
    readonly endpoints?: readonly ProfileEndpoint[]
  }
}

/** An endpoint of it. */
export interface ProfileEndpoint {
  readonly id: string
  readonly name: string
  readonly properties: { readonly weight?: number; readonly endpointStatus?: string; readonly endpointMonitorStatus?: string }
}

/** An origin group of Front Door. */
export interface OriginGroup extends ArmBody {
  readonly properties: {
    readonly sessionAffinityState?: string
    readonly loadBalancingSettings?: { readonly additionalLatencyInMilliseconds?: number }
  }
}

/** An origin of it. */
export interface Origin {
  readonly id: string
  readonly name: string
  readonly properties: { readonly weight?: number; readonly priority?: number; readonly enabledState?: string }
}

/** How an application gateway speaks to a pool, and how long it lets finish whoever leaves it. */
export interface BackendSetting {
  readonly properties: {
    readonly connectionDraining?: { readonly enabled: boolean; readonly drainTimeoutInSec: number }
  }
}
