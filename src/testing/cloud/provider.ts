import type { FleetProvider } from '../../core/ports.ts'
import type { Desk } from './calls.ts'
import { providerFacts } from './facts.ts'
import { ensureGroup, remove, resize, retire } from './fleet-operations.ts'
import { hold, release } from './holds.ts'
import { providerLook } from './looks.ts'
import { resolve, schemes } from './resolve.ts'
import { SCHEME, type Site } from './site.ts'
import { startUpdate, stopUpdate } from './updater.ts'

/** The simulated cloud's provider. */
export function createProvider(site: Site, desk: Desk): FleetProvider {
  const facts = providerFacts(site.settings, site.world.machines.bootMs)
  return {
    contract: 1,
    kind: SCHEME,
    schemes,
    resolve: (target, request, context) => desk.read('resolve', context, () => resolve(site, target, request)),
    describe: (target, context) => desk.read('describe', context, () => providerLook(site, facts, desk.handles, target)),
    ensureGroup: (target, request, context) => desk.write(context, ensureGroup(site, target, request)),
    resize: (target, group, sizes, version, context) => desk.write(context, resize(site, target, group, sizes, version)),
    remove: (target, group, instances, sizesAfter, context) =>
      desk.write(context, remove(site, target, group, instances, sizesAfter)),
    hold: (target, group, mark, min, context) => desk.write(context, hold(site, target, group, mark, min)),
    release: (target, group, kind, owner, context) => desk.write(context, release(site, target, group, kind, owner)),
    updater: {
      start: (target, group, request, context) => desk.write(context, startUpdate(site, target, group, request)),
      stop: (target, group, context) => desk.write(context, stopUpdate(site, target, group)),
    },
    retire: (target, group, context) => desk.write(context, retire(site, target, group)),
  }
}
