import type { FleetProvider } from '../../src/core/ports.ts'
import { ensureGroup } from './changes/ensure-group.ts'
import { hold, release } from './changes/holds.ts'
import { startRefresh, stopRefresh } from './changes/refresh.ts'
import { remove } from './changes/remove.ts'
import { retire } from './changes/retire.ts'
import { resize } from './changes/sizes.ts'
import { describe } from './fleet/describe.ts'
import { amiScheme } from './images/ref.ts'
import { GROUP_NAMES } from './names.ts'
import type { Region } from './region.ts'
import { resolve } from './resolve.ts'

/** The fleet provider of the Auto Scaling groups of a region. Nothing is loaded or called until it is asked. */
export function createProvider(region: Region): FleetProvider {
  return {
    contract: 1,
    kind: 'aws',
    schemes: [amiScheme(region.name)],
    names: GROUP_NAMES,
    resolve: (target, request, { signal }) => resolve(region, target, request, signal),
    describe: (target, { signal }) => describe(region, target, signal),
    ensureGroup: (target, request, { token, signal }) => done(ensureGroup(region, target, request, token, signal)),
    resize: (target, group, sizes, _version, { signal }) => done(resize(region, target, group, sizes, signal)),
    remove: (target, group, instances, sizesAfter, { signal }) =>
      done(remove(region, target, group, instances, sizesAfter, signal)),
    hold: (target, group, mark, min, { signal }) => done(hold(region, target, group, mark, min, signal)),
    release: (target, group, kind, owner, { signal }) => done(release(region, target, group, kind, owner, signal)),
    updater: {
      start: (target, group, request, { signal }) => done(startRefresh(region, target, group, request, signal)),
      stop: (target, group, { signal }) => done(stopRefresh(region, target, group, signal)),
    },
    retire: (target, group, { signal }) => done(retire(region, target, group, signal)),
  }
}

/** AWS gives no handles: what was accepted shows in the looks that follow, or not at all. */
async function done(change: Promise<void>): Promise<object> {
  await change
  return {}
}
