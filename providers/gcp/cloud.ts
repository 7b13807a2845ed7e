import type { FleetProvider } from '../../src/core/ports.ts'
import { openPlace } from './place.ts'
import { createProvider } from './provider.ts'
import type { GcpAccess } from './sdk/access.ts'

/** The managed instance groups of one zone or region of a project. */
export interface GcpCloud extends FleetProvider {
  readonly project: string
  readonly location: string
}

/**
 * A provider of the managed instance groups of a zone (`europe-west1-b`), or of the regional ones of a region (`europe-west1`). Fleets are
 * described and planned; nothing is changed by it, and its facts say so. Google's package is not loaded, and nothing is called, before
 * something is asked of it.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function gcp(access: GcpAccess): GcpCloud {
  return { ...createProvider(openPlace(access)), project: access.project, location: access.location }
}
