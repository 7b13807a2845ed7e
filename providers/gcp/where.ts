import type { Caller } from './sdk/caller.ts'
import type { Manager } from './sdk/resources.ts'
import { nameIn } from './sdk/urls.ts'

/** Where groups are, and by whom the API is called. */
export interface Where {
  readonly project: string
  /** As it was given: `europe-west1-b`, or `europe-west1`. */
  readonly location: string
  /** Whether groups here are of one zone, or spread over those of a region. */
  readonly kind: 'zone' | 'region'
  readonly caller: Caller
}

/** What the name of a zone ends in, and that of a region does not. */
const ZONE = /-[a-z]$/

/** What a location is, by its name. */
export function kindOf(location: string): Where['kind'] {
  return ZONE.test(location) ? 'zone' : 'region'
}

/** The zones in which a group launches instances. */
export function zonesOf({ location, kind }: Where, { distributionPolicy: policy }: Manager): readonly string[] {
  return kind === 'zone' ? [location] : (policy?.zones ?? []).map((one) => nameIn(one.zone))
}
