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
