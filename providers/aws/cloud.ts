import { problemsError } from '../../src/core/errors.ts'
import type { FleetProvider, TrafficRouter } from '../../src/core/ports.ts'
import { createProvider } from './provider.ts'
import { openRegion, type Region } from './region.ts'
import { createAlb } from './router/alb.ts'
import { createNlb } from './router/nlb.ts'
import type { AwsAccess } from './sdk/access.ts'

/** The Auto Scaling groups of one region of an account. */
export interface AwsCloud extends FleetProvider {
  readonly region: string
}

/** How an Application Load Balancer sends a fleet's traffic. */
export interface AlbOptions {
  /** ARNs of the listeners. Their default action and each of their rules that forwards to the fleet belong to it. */
  readonly listeners: readonly string[]
}

/** How a Network Load Balancer sends a fleet's traffic. */
export interface NlbOptions {
  /** ARNs of the listeners whose default action forwards to the fleet. */
  readonly listeners: readonly string[]
}

const regions = new WeakMap<AwsCloud, Region>()

/**
 * A provider of the Auto Scaling groups of a region. No package of AWS is loaded, and nothing is called, before something is asked of it.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function aws(access: AwsAccess): AwsCloud {
  const region = openRegion(access)
  const cloud = { ...createProvider(region), region: access.region }
  regions.set(cloud, region)
  return cloud
}

/**
 * A router by weighted forwards of an Application Load Balancer's listeners: each generation has a target group of its own, and all
 * rules that name the fleet get the same weights.
 *
 * @throws RolloutError `spec-invalid` for a provider that {@link aws} did not make, and without listeners.
 */
export function alb(cloud: AwsCloud, { listeners }: AlbOptions): TrafficRouter<{ weights: true }> {
  return createAlb(regionOf(cloud, listeners, 'app'), listeners)
}

/**
 * A router by the target group of a Network Load Balancer's listeners. It has no weights: traffic is shared by the number of instances.
 *
 * @throws RolloutError `spec-invalid` for a provider that {@link aws} did not make, and without listeners.
 */
export function nlb(cloud: AwsCloud, { listeners }: NlbOptions): TrafficRouter<{ weights: false }> {
  return createNlb(regionOf(cloud, listeners, 'net'), listeners)
}

function regionOf(cloud: AwsCloud, listeners: readonly string[], kind: 'app' | 'net'): Region {
  const region = regions.get(cloud)
  const [isListener, balancer] = [LISTENER[kind], BALANCER[kind]]
  const problems = [
    ...(region === undefined ? [{ path: 'cloud', found: typeof cloud, allowed: 'what aws() made, itself' }] : []),
    ...(listeners.length === 0 ? [{ path: 'listeners', found: 'none', allowed: 'the ARN of one listener or more' }] : []),
    ...listeners.flatMap((arn, index) =>
      isListener.test(arn)
        ? []
        : [{ path: `listeners[${index}]`, found: JSON.stringify(arn), allowed: `the ARN of a listener of ${balancer}` }],
    ),
  ]
  if (region === undefined || problems.length > 0) throw problemsError('spec-invalid', 'This router cannot be made', problems)
  return region
}

const LISTENER = {
  app: /^arn:[^:]+:elasticloadbalancing:[^:]+:\d+:listener\/app\/.+$/,
  net: /^arn:[^:]+:elasticloadbalancing:[^:]+:\d+:listener\/net\/.+$/,
}
const BALANCER = { app: 'an Application Load Balancer', net: 'a Network Load Balancer' }
