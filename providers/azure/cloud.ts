import type * as v from 'valibot'
import { problemsError } from '../../src/core/errors.ts'
import type { FleetProvider, TrafficRouter } from '../../src/core/ports.ts'
import { check } from '../../src/core/schema.ts'
import { createProvider } from './provider.ts'
import { openResourceGroup, type ResourceGroup } from './resource-group.ts'
import { BALANCER } from './router/balancer.ts'
import { frontDoorWeigher } from './router/front-door.ts'
import { GATEWAY } from './router/gateway.ts'
import { createLoadBalancer, createRuleSwap } from './router/load-balancer.ts'
import {
  applicationGatewayOptions,
  frontDoorOptions,
  loadBalancerOptions,
  ruleSwapOptions,
  trafficManagerOptions,
  type ApplicationGatewayOptions,
  type FrontDoorOptions,
  type LoadBalancerOptions,
  type RuleSwapOptions,
  type TrafficManagerOptions,
} from './router/options.ts'
import { trafficManagerWeigher } from './router/traffic-manager.ts'
import { createWeightedRouter } from './router/weighted.ts'
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
  const group = groupOf(cloud, ruleSwapOptions, options)
  return createRuleSwap(group, { kind: BALANCER, name: options.loadBalancer, rules: options.rules })
}

/**
 * A router by rules of an application gateway: each generation has a pool of its own, and the rules send to one of them, with all of the
 * traffic. A gateway takes minutes to update, and is waited for. How long whoever leaves may finish, its backend settings say.
 *
 * @throws RolloutError `spec-invalid` with every problem, among them a provider that {@link azure} did not make.
 */
export function applicationGateway(cloud: AzureCloud, options: ApplicationGatewayOptions): TrafficRouter<{ weights: true }> {
  const group = groupOf(cloud, applicationGatewayOptions, options)
  return createRuleSwap(group, { kind: GATEWAY, name: options.gateway, rules: options.rules })
}

/**
 * A router by the weights of Traffic Manager's endpoints, each of which leads to a load balancer. Weights are thousandths; with 0 an endpoint
 * is disabled. They are for `slots()`, each of which has an endpoint: a clone has none, and is rolled by count in the pool of its original.
 *
 * @throws RolloutError `spec-invalid` with every problem, among them a provider that {@link azure} did not make.
 */
export function trafficManager(cloud: AzureCloud, options: TrafficManagerOptions): TrafficRouter<{ weights: true }> {
  const group = groupOf(cloud, trafficManagerOptions, options)
  return createWeightedRouter(group, trafficManagerWeigher(options.profile, options.endpoints))
}

/**
 * The same by the weights of Front Door's origins.
 *
 * @throws RolloutError `spec-invalid` with every problem, among them a provider that {@link azure} did not make.
 */
export function frontDoor(cloud: AzureCloud, options: FrontDoorOptions): TrafficRouter<{ weights: true }> {
  const group = groupOf(cloud, frontDoorOptions, options)
  return createWeightedRouter(group, frontDoorWeigher(options.profile, options.originGroup, options.origins))
}

function groupOf(cloud: AzureCloud, schema: v.GenericSchema, options: unknown): ResourceGroup {
  const group = groups.get(cloud)
  const { problems } = check(schema, options, '')
  const strange = group === undefined ? [{ path: 'cloud', found: typeof cloud, allowed: 'what azure() made, itself' }] : []
  if (group !== undefined && problems.length === 0) return group
  throw problemsError('spec-invalid', 'This router cannot be made', [...strange, ...problems])
}
