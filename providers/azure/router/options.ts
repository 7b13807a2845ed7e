import * as v from 'valibot'
import { text } from '../../../src/core/schema.ts'

/** How a load balancer sends a fleet's traffic. */
export interface LoadBalancerOptions {
  /** The name of the load balancer, which is in the resource group of the scale sets. */
  readonly loadBalancer: string
  /** The name of the pool of it that the fleet's instances are in. */
  readonly pool: string
}

/** How rules of a load balancer send a fleet's traffic. */
export interface RuleSwapOptions {
  /** The name of the load balancer, which is in the resource group of the scale sets. */
  readonly loadBalancer: string
  /** Names of the rules that send to the fleet. All of them are pointed at one pool. */
  readonly rules: readonly string[]
}

/** How rules of an application gateway send a fleet's traffic. */
export interface ApplicationGatewayOptions {
  /** The name of the gateway, which is in the resource group of the scale sets. */
  readonly gateway: string
  /**
   * Names of the rules that send to the fleet. All of them are pointed at one pool. One that goes by paths is named for what no path of
   * it is meant for, and each of its paths by `map/rule`.
   */
  readonly rules: readonly string[]
}

/** How a Traffic Manager profile sends a fleet's traffic. */
export interface TrafficManagerOptions {
  /** The name of the profile, which is in the resource group of the scale sets. */
  readonly profile: string
  /** By the name of an endpoint the pool that stands behind it, of a load balancer: `{ blue: 'blue-lb/web', green: 'green-lb/web' }`. */
  readonly endpoints: Readonly<Record<string, string>>
}

/** How an origin group of Front Door, Standard or Premium, sends a fleet's traffic. */
export interface FrontDoorOptions {
  /** The name of the profile, which is in the resource group of the scale sets. */
  readonly profile: string
  /** The name of an origin group of it. */
  readonly originGroup: string
  /** By the name of an origin the pool that stands behind it, of a load balancer: `{ blue: 'blue-lb/web', green: 'green-lb/web' }`. */
  readonly origins: Readonly<Record<string, string>>
}

const name = (what: string) => text(/^[^/]+$/, what)

/** Schema of {@link LoadBalancerOptions}. */
export const loadBalancerOptions = v.strictObject({
  loadBalancer: name('the name of a load balancer'),
  pool: name('the name of a pool of it'),
})

const rules = (one: v.GenericSchema<string>) =>
  v.pipe(v.array(one, 'a list of names'), v.minLength(1, 'the name of one rule or more'))

/** Schema of {@link RuleSwapOptions}. */
export const ruleSwapOptions = v.strictObject({
  loadBalancer: name('the name of a load balancer'),
  rules: rules(name('the name of a rule of it')),
})

/** Schema of {@link ApplicationGatewayOptions}. */
export const applicationGatewayOptions = v.strictObject({
  gateway: name('the name of an application gateway'),
  rules: rules(text(/^[^/]+(?:\/[^/]+)?$/, "the name of a rule of it, or 'map/rule'")),
})

const pools = v.pipe(
  v.record(
    name('the name of an endpoint'),
    text(/^[^/]+\/[^/]+$/, "a pool of a load balancer, 'web-lb/web'"),
    'pools by the names of endpoints',
  ),
  v.check((given) => Object.keys(given).length > 0, 'one endpoint or more'),
  v.check((given) => new Set(Object.values(given)).size === Object.keys(given).length, 'a pool of its own for each endpoint'),
)

/** Schema of {@link TrafficManagerOptions}. */
export const trafficManagerOptions = v.strictObject({ profile: name('the name of a Traffic Manager profile'), endpoints: pools })

/** Schema of {@link FrontDoorOptions}. */
export const frontDoorOptions = v.strictObject({
  profile: name('the name of a Front Door profile'),
  originGroup: name('the name of an origin group of it'),
  origins: pools,
})
