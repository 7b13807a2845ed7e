import type { CallContext, FleetProvider, FleetTarget } from '../../src/core/ports.ts'
import { ensureGroup } from './changes/ensure-group.ts'
import type { Change } from './changes/group.ts'
import { hold, release } from './changes/holds.ts'
import { remove } from './changes/remove.ts'
import { retire } from './changes/retire.ts'
import { resize } from './changes/sizes.ts'
import { startUpgrade, stopUpgrade } from './changes/upgrade.ts'
import { describe } from './fleet/describe.ts'
import { SCHEMES } from './images/find.ts'
import { resolve } from './resolve.ts'
import type { ResourceGroup } from './resource-group.ts'

/** The fleet provider of the scale sets of a resource group. Nothing is loaded or called until it is asked. */
export function createProvider(group: ResourceGroup): FleetProvider {
  const change = (call: string, target: FleetTarget, { signal }: CallContext): Change => ({ group, target, call, signal })
  return {
    contract: 1,
    kind: 'azure',
    schemes: SCHEMES,
    resolve: (target, request, { signal }) => resolve(group, target, request, signal),
    describe: (target, { signal }) => describe(group, target, signal),
    ensureGroup: (target, request, context) => ensureGroup(change('ensureGroup', target, context), request),
    resize: (target, id, sizes, version, context) => resize(change('resize', target, context), id, sizes, version),
    remove: (target, id, instances, sizesAfter, context) => remove(change('remove', target, context), id, instances, sizesAfter),
    hold: (target, id, mark, min, context) => hold(change('hold', target, context), id, mark, min),
    release: (target, id, kind, owner, context) => release(change('release', target, context), id, kind, owner),
    retire: (target, id, context) => retire(change('retire', target, context), id),
    updater: {
      start: (target, id, request, context) => startUpgrade(change('update', target, context), id, request),
      stop: (target, id, context) => stopUpgrade(change('stop-update', target, context), id),
    },
  }
}
