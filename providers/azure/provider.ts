import type { FleetProvider } from '../../src/core/ports.ts'
import { refusedChanges } from './changes.ts'
import { describe } from './fleet/describe.ts'
import { SCHEMES } from './images/find.ts'
import { resolve } from './resolve.ts'
import type { ResourceGroup } from './resource-group.ts'

/** The fleet provider of the scale sets of a resource group. Nothing is loaded or called until it is asked. */
export function createProvider(group: ResourceGroup): FleetProvider {
  return {
    contract: 1,
    kind: 'azure',
    schemes: SCHEMES,
    resolve: (target, request, { signal }) => resolve(group, target, request, signal),
    describe: (target, { signal }) => describe(group, target, signal),
    ...refusedChanges(),
  }
}
