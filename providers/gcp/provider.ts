import type { FleetProvider } from '../../src/core/ports.ts'
import { ensureGroup } from './changes/ensure-group.ts'
import { hold, release } from './changes/holds.ts'
import { remove } from './changes/remove.ts'
import { retire } from './changes/retire.ts'
import { resize } from './changes/sizes.ts'
import { startUpdate, stopUpdate } from './changes/update.ts'
import { describe } from './fleet/describe.ts'
import { gceScheme } from './images/ref.ts'
import type { Place } from './place.ts'
import { resolve } from './resolve.ts'
import { afresh } from './sdk/afresh.ts'

/** The fleet provider of the managed instance groups of a zone or region. Nothing is loaded or called until it is asked. */
export function createProvider(place: Place): FleetProvider {
  return {
    contract: 1,
    kind: 'gcp',
    schemes: [gceScheme],
    resolve: (target, request, { signal }) => resolve(place, target, request, signal),
    describe: (target, { signal }) => describe(place, target, signal),
    ensureGroup: (target, request, context) => afresh(() => ensureGroup(place, target, request, context)),
    resize: (target, group, sizes, version, context) => resize(place, target, group, sizes, version, context),
    remove: (target, group, instances, sizesAfter, context) =>
      afresh(() => remove(place, target, group, instances, sizesAfter, context)),
    hold: (target, group, mark, min, context) => afresh(() => hold(place, target, group, mark, min, context)),
    release: (target, group, kind, owner, context) => afresh(() => release(place, target, group, kind, owner, context)),
    updater: {
      start: (target, group, request, context) => afresh(() => startUpdate(place, target, group, request, context)),
      stop: (target, group, context) => afresh(() => stopUpdate(place, target, group, context)),
    },
    retire: (target, group, context) => afresh(() => retire(place, target, group, context)),
  }
}
