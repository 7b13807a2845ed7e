import { problemsError } from '../../src/core/errors.ts'
import type { FleetProvider, TrafficRouter } from '../../src/core/ports.ts'
import { createProvider } from './provider.ts'
import { openRegion, type Region } from './region.ts'
import { createAlb } from './router/alb.ts'
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
  const region = regions.get(cloud)
  const problems = [
    ...(region === undefined ? [{ path: 'cloud', found: typeof cloud, allowed: 'what aws() made, itself' }] : []),
    ...(listeners.length === 0 ? [{ path: 'listeners', found: 'none', allowed: 'the ARN of one listener or more' }] : []),
    ...listeners.flatMap((arn, index) =>
      LISTENER.test(arn) ? [] : [{ path: `listeners[${index}]`, found: JSON.stringify(arn), allowed: 'the ARN of a listener' }],
    ),
  ]
  if (region === undefined || problems.length > 0) throw problemsError('spec-invalid', 'This router cannot be made', problems)
  return createAlb(region, listeners)
}

const LISTENER = /^arn:[^:]+:elasticloadbalancing:[^:]+:\d+:listener\/app\/.+$/
