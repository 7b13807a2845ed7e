import { callFailed } from '../../src/core/errors.ts'
import type { FleetProvider } from '../../src/core/ports.ts'
import { UNCHANGING } from './fleet/facts.ts'

type Changes = Pick<FleetProvider, 'ensureGroup' | 'resize' | 'remove' | 'hold' | 'release' | 'retire'>

/**
 * The changes of the port, each of which is refused before anything is sent: the facts of a look say so too, so that no rollout is started.
 * Whoever calls one all the same, with a rollout that a later version began, is told.
 */
export function refusedChanges(): Changes {
  const refuse = (call: string) => async (): Promise<never> => {
    throw callFailed('denied', call, `${call} was not sent: ${UNCHANGING}.`, { native: 'NotImplemented' })
  }
  return {
    ensureGroup: refuse('ensureGroup'),
    resize: refuse('resize'),
    remove: refuse('remove'),
    hold: refuse('hold'),
    release: refuse('release'),
    retire: refuse('retire'),
  }
}
