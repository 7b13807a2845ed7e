import { callFailed } from '../../src/core/errors.ts'
import type { FleetProvider } from '../../src/core/ports.ts'
import { describe } from './fleet/describe.ts'
import { READ_ONLY } from './fleet/facts.ts'
import { gceScheme } from './images/ref.ts'
import type { Place } from './place.ts'
import { resolve } from './resolve.ts'

/** The fleet provider of the managed instance groups of a zone or region. Nothing is loaded or called until it is asked. */
export function createProvider(place: Place): FleetProvider {
  return {
    contract: 1,
    kind: 'gcp',
    schemes: [gceScheme],
    resolve: (target, request, { signal }) => resolve(place, target, request, signal),
    describe: (target, { signal }) => describe(place, target, signal),
    ensureGroup: () => refused('ensureGroup'),
    resize: () => refused('resize'),
    remove: () => refused('remove'),
    hold: () => refused('hold'),
    release: () => refused('release'),
    retire: () => refused('retire'),
  }
}

/** The facts of every look say so beforehand: whoever asks all the same is refused before anything is sent. */
function refused(call: string): Promise<never> {
  return Promise.reject(callFailed('denied', call, `${call} was not sent: ${READ_ONLY}.`))
}
