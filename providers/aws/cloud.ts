import type * as v from 'valibot'
import { problemsError } from '../../src/core/errors.ts'
import type { FleetProvider, TrafficRouter } from '../../src/core/ports.ts'
import { check } from '../../src/core/schema.ts'
import { createProvider } from './provider.ts'
import { findGroup as find, groupQuery, type GroupQuery } from './fleet/find-group.ts'
import { openRegion, type Region } from './region.ts'
import { createAlb } from './router/alb.ts'
import { createNlb } from './router/nlb.ts'
import { albOptions, nlbOptions, previewWay, type AlbOptions, type NlbOptions } from './router/options.ts'
import type { AwsAccess } from './sdk/access.ts'

/** The Auto Scaling groups of one region of an account. */
export interface AwsCloud extends FleetProvider {
  readonly region: string
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
 * @throws RolloutError `spec-invalid` with every problem, among them a provider that {@link aws} did not make.
 */
export function alb(cloud: AwsCloud, options: AlbOptions): TrafficRouter<{ weights: true }> {
  const { listeners, preview } = options
  return createAlb(regionOf(cloud, albOptions, options), listeners, preview === undefined ? undefined : previewWay(preview))
}

/**
 * A router by the target group of a Network Load Balancer's listeners. It has no weights: traffic is shared by the number of instances.
 *
 * @throws RolloutError `spec-invalid` with every problem, among them a provider that {@link aws} did not make.
 */
export function nlb(cloud: AwsCloud, options: NlbOptions): TrafficRouter<{ weights: false }> {
  return createNlb(regionOf(cloud, nlbOptions, options), options.listeners)
}

/**
 * The name of the Auto Scaling group that a tag, a target group, or a rule tells, for `clone({ adopt })`, `slots` and `inPlace`. From the
 * first rollout on the fleet is found by its own marks, whatever tells its groups by then.
 *
 * @throws RolloutError `spec-invalid` with every problem, also when several groups are told; `call-failed`, `not-found` when none is.
 */
export async function findGroup(
  cloud: AwsCloud,
  query: GroupQuery,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
): Promise<string> {
  return await find(regionOf(cloud, groupQuery, query, 'This group cannot be looked for'), query, signal)
}

function regionOf(cloud: AwsCloud, schema: v.GenericSchema, options: unknown, refusal = 'This router cannot be made'): Region {
  const region = regions.get(cloud)
  const { problems } = check(schema, options, '')
  const strange = region === undefined ? [{ path: 'cloud', found: typeof cloud, allowed: 'what aws() made, itself' }] : []
  if (region !== undefined && problems.length === 0) return region
  throw problemsError('spec-invalid', refusal, [...strange, ...problems])
}
