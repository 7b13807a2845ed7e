import { callFailed } from '../../../src/core/errors.ts'
import type { GroupId, ReleaseId } from '../../../src/core/snapshot.ts'
import type { GroupRecord } from './state.ts'

/** What a new group begins with. */
export interface NewGroup {
  readonly id: GroupId
  readonly release: ReleaseId
  readonly size: number
  readonly min: number
  readonly max: number
  readonly zones: readonly string[]
  readonly createdBy?: string
}

/** How names are formed: they become parts of file names, ids and paths. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/
/** The same in words. */
export const NAME_FORM = 'a name of up to 63 letters, digits, dots, dashes and underscores'

/** A group without instances yet. @throws RolloutError `call-failed` of class `invalid` for a name that cannot be one. */
export function newGroup({ size, zones, ...rest }: NewGroup): GroupRecord {
  if (!NAME.test(rest.id)) {
    throw callFailed(
      'invalid',
      'ensure-group',
      `"${rest.id}" cannot name a group: up to 63 letters, digits, dots, dashes and underscores.`,
    )
  }
  return {
    ...rest,
    sizes: { [rest.release]: size },
    zones: [...zones],
    holds: [],
    failures: { count: 0 },
    version: 1,
    backoff: { deaths: 0, until: 0 },
    retiring: false,
    instances: [],
  }
}
