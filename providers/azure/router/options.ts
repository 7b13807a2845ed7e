import * as v from 'valibot'

/** How a load balancer sends a fleet's traffic. */
export interface LoadBalancerOptions {
  /** The name of the load balancer, which is in the resource group of the scale sets. */
  readonly loadBalancer: string
  /** The name of the pool of it that the fleet's instances are in. */
  readonly pool: string
}

const name = (what: string) => v.pipe(v.string(what), v.regex(/^[^/]+$/, what))

/** Schema of {@link LoadBalancerOptions}. */
export const loadBalancerOptions = v.strictObject({
  loadBalancer: name('the name of a load balancer'),
  pool: name('the name of a pool of it'),
})
