import { rolloutError, type RolloutError } from './errors.ts'
import type { Placement } from './ports.ts'
import type { FleetSnapshot, ReleaseId } from './snapshot.ts'

/** A fleet as it is met. */
export interface Contact {
  readonly fleet: string
  readonly placement: Placement
  readonly snapshot: FleetSnapshot
  /** The store that journals are in. */
  readonly store: string
  /** The rollout whose claim is taken over, because its journal is no more. @default - a claim of another store is respected */
  readonly takeOver?: string | undefined
  /** The release towards which the cloud's own updater may be at work, for it is to be supervised; `true` while it is not known yet. @default - it may not be at work */
  readonly supervises?: ReleaseId | true
}

/** The refusal, with the choices. */
export function refused(fleet: string, found: string, choices: readonly string[]): RolloutError<'adoption-refused'> {
  return rolloutError(
    'adoption-refused',
    `The fleet ${fleet} cannot be planned: found ${found}. Choices: ${choices.join('; ')}.`,
    { fleet, found, choices },
  )
}
