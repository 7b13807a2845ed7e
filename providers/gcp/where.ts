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

/** The path of something that is where the groups are: `pathIn(where, 'autoscalers', 'web')`. */
export function pathIn({ project, location, kind }: Where, collection: string, name: string): string {
  return `projects/${project}/${kind}s/${location}/${collection}/${name}`
}

/** What a call is named for resources of a zone or of a region: `instanceGroupManagers.patch`, or `regionInstanceGroupManagers.patch`. */
export function callIn({ kind }: Where, collection: string, method: string): string {
  return kind === 'zone'
    ? `${collection}.${method}`
    : `region${collection.charAt(0).toUpperCase()}${collection.slice(1)}.${method}`
}

/** The region of groups of a region, or of one of its zones. */
export function regionOf({ location, kind }: Where): string {
  return kind === 'region' ? location : location.replace(ZONE, '')
}
