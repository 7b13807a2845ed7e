import * as v from 'valibot'
import { text } from '../../../src/core/schema.ts'

/** A URL map that sends a fleet's traffic. */
export interface UrlMapOptions {
  /** Its name. Each of its actions that names a backend service of the fleet belongs to it. */
  readonly urlMap: string
  /** The region of a regional load balancer. @default - a global one */
  readonly region?: string
}

/** A backend service that sends a fleet's traffic, whatever stands before it. */
export interface BackendServiceOptions {
  /** Its name. */
  readonly backendService: string
  /** The region of a regional load balancer. @default - a global one */
  readonly region?: string
}

const name = (what: string) => text(/^[a-z](?:[a-z0-9-]*[a-z0-9])?$/, what)
const region = v.exactOptional(name("a region, such as 'europe-west1'"))
/** Schema of {@link UrlMapOptions}. */
export const urlMapOptions = v.strictObject({ urlMap: name('the name of a URL map'), region })
/** Schema of {@link BackendServiceOptions}. */
export const backendServiceOptions = v.strictObject({ backendService: name('the name of a backend service'), region })
