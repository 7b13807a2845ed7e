import type * as v from 'valibot'
import { problemsError } from '../../src/core/errors.ts'
import type { FleetProvider, TrafficRouter } from '../../src/core/ports.ts'
import { check } from '../../src/core/schema.ts'
import { createProvider } from './provider.ts'
import { openResourceGroup, type ResourceGroup } from './resource-group.ts'
import { createLoadBalancer, createRuleSwap } from './router/load-balancer.ts'
import { loadBalancerOptions, ruleSwapOptions, type LoadBalancerOptions, type RuleSwapOptions } from './router/options.ts'
import type { AzureAccess } from './sdk/access.ts'

/** The scale sets of one resource group. */
export interface AzureCloud extends FleetProvider {
  readonly subscription: string
  readonly resourceGroup: string
}

const groups = new WeakMap<AzureCloud, ResourceGroup>()

/**
 * A provider of the virtual machine scale sets of a resource group, Uniform and Flexible ones. No package of Azure is loaded, and nothing is
 * called, before something is asked of it.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function azure(access: AzureAccess): AzureCloud {
  const { subscription, resourceGroup } = access
  const group = openResourceGroup(access)
  const cloud = { ...createProvider(group), subscription, resourceGroup }
  groups.set(cloud, group)
  return cloud
}

/**
 * A router by a pool of a Standard load balancer. It has no weights: traffic is shared by the number of instances.
 *
 * @throws RolloutError `spec-invalid` with every problem, among them a provider that {@link azure} did not make.
 */
export function loadBalancer(cloud: AzureCloud, options: LoadBalancerOptions): TrafficRouter<{ weights: false }> {
  return createLoadBalancer(groupOf(cloud, loadBalancerOptions, options), `${options.loadBalancer}/${options.pool}`)
}

/**
 * A router by rules of a Standard load balancer: each generation has a pool of its own, and the rules send to one of them. Weights are 100,
 * all of the traffic, or 0: a rollout that asks for a share is refused it, and goes back.
 *
 * @throws RolloutError `spec-invalid` with every problem, among them a provider that {@link azure} did not make.
 */
export function ruleSwap(cloud: AzureCloud, options: RuleSwapOptions): TrafficRouter<{ weights: true }> {
  return createRuleSwap(groupOf(cloud, ruleSwapOptions, options), options)
}

function groupOf(cloud: AzureCloud, schema: v.GenericSchema, options: unknown): ResourceGroup {
  const group = groups.get(cloud)
  const { problems } = check(schema, options, '')
  const strange = group === undefined ? [{ path: 'cloud', found: typeof cloud, allowed: 'what azure() made, itself' }] : []
  if (group !== undefined && problems.length === 0) return group
  throw problemsError('spec-invalid', 'This router cannot be made', [...strange, ...problems])
}
