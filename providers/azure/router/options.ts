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

const name = (what: string) => text(/^[^/]+$/, what)

/** Schema of {@link LoadBalancerOptions}. */
export const loadBalancerOptions = v.strictObject({
  loadBalancer: name('the name of a load balancer'),
  pool: name('the name of a pool of it'),
})

/** Schema of {@link RuleSwapOptions}. */
export const ruleSwapOptions = v.strictObject({
  loadBalancer: name('the name of a load balancer'),
  rules: v.pipe(v.array(name('the name of a rule of it'), 'a list of names'), v.minLength(1, 'the name of one rule or more')),
})
