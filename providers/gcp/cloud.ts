import type * as v from 'valibot'
import { problemsError } from '../../src/core/errors.ts'
import type { FleetProvider, TrafficRouter } from '../../src/core/ports.ts'
import { check } from '../../src/core/schema.ts'
import { openPlace, type Place } from './place.ts'
import { createProvider } from './provider.ts'
import { backendServiceOptions, urlMapOptions, type BackendServiceOptions, type UrlMapOptions } from './router/options.ts'
import { createBackendServiceRouter, createUrlMapRouter } from './router/routers.ts'
import type { GcpAccess } from './sdk/access.ts'

/** The managed instance groups of one zone or region of a project. */
export interface GcpCloud extends FleetProvider {
  readonly project: string
  readonly location: string
}

const places = new WeakMap<GcpCloud, Place>()

/**
 * A provider of the managed instance groups of a zone (`europe-west1-b`), or of the regional ones of a region (`europe-west1`).
 * Google's package is not loaded, and nothing is called, before something is asked of it.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function gcp(access: GcpAccess): GcpCloud {
  const place = openPlace(access)
  const cloud = { ...createProvider(place), project: access.project, location: access.location }
  places.set(cloud, place)
  return cloud
}

/**
 * A router by the weights of a URL map: each generation has a backend service of its own, and all actions that name the fleet get the same
 * weights.
 *
 * @throws RolloutError `spec-invalid` with every problem, among them a provider that {@link gcp} did not make.
 */
export function urlMap(cloud: GcpCloud, options: UrlMapOptions): TrafficRouter<{ weights: true }> {
  return createUrlMapRouter(placeOf(cloud, urlMapOptions, options), options)
}

/**
 * A router by one backend service. It has no weights: traffic is shared by the number of instances.
 *
 * @throws RolloutError `spec-invalid` with every problem, among them a provider that {@link gcp} did not make.
 */
export function backendService(cloud: GcpCloud, options: BackendServiceOptions): TrafficRouter<{ weights: false }> {
  return createBackendServiceRouter(placeOf(cloud, backendServiceOptions, options), options)
}

function placeOf(cloud: GcpCloud, schema: v.GenericSchema, options: unknown): Place {
  const place = places.get(cloud)
  const { problems } = check(schema, options, '')
  const strange = place === undefined ? [{ path: 'cloud', found: typeof cloud, allowed: 'what gcp() made, itself' }] : []
  if (place !== undefined && problems.length === 0) return place
  throw problemsError('spec-invalid', 'This router cannot be made', [...strange, ...problems])
}
