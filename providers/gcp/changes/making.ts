import { callFailed } from '../../../src/core/errors.ts'
import type { CallContext, FleetTarget, GroupRequest } from '../../../src/core/ports.ts'
import { templateFor, type SealedLaunch } from '../clone/template.ts'
import type { Place } from '../place.ts'
import type { Version } from '../sdk/resources.ts'

/** A group that shall be, for whom, and by which call. */
export interface Making {
  readonly place: Place
  readonly target: FleetTarget
  readonly request: GroupRequest
  readonly context: CallContext
}

/** The versions of a group that launches the release, from a template that is made where it is not kept yet. */
export async function versionsFor({ place, request, context }: Making, fleet: string): Promise<Version[]> {
  const { group, release, sealed } = request
  const wanted = { fleet, group, release, sealed: sealed as SealedLaunch | null }
  return [{ name: release.id, instanceTemplate: await templateFor(place, wanted, context) }]
}

/** @throws RolloutError `call-failed` for a size that no group can have, or this one cannot. */
export function checkSize({ group, size }: GroupRequest, max: number): void {
  if (!Number.isInteger(size) || size < 0)
    throw callFailed('invalid', 'ensureGroup', `The group ${group} cannot have ${size} instances.`)
  if (size > max) throw callFailed('quota', 'ensureGroup', `The group ${group} can have ${max} instances at most, not ${size}.`)
}
