import * as v from 'valibot'
import { problemsError } from '../../../src/core/errors.ts'
import { check, having, text, urlText } from '../../../src/core/schema.ts'
import type { GcpClock } from './clock.ts'
import type { GcpService } from './services.ts'

/** What a project's id looks like, one of a domain (`example.com:web`) among them. */
export const PROJECT = /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]*$/
const LOCATION = /^[a-z]+-[a-z]+\d+(?:-[a-z])?$/

/** Credentials: any client of google-auth-library, or what else signs requests like one. */
export interface GcpAuth {
  // The library's own types are not named here, so that it need not be installed to compile.
  getRequestHeaders(url?: never): Promise<unknown>
  fetch(url: never, init?: never): Promise<unknown>
}

/** A client that a program made itself, of `@google-cloud/compute`. */
export interface GcpClient {
  initialize(): Promise<unknown>
}

/** Clients by the collection of the Compute API that they speak to. */
export type GcpClients = { readonly [S in GcpService]?: GcpClient }

/** Where and as whom Google Cloud is called. */
export interface GcpAccess {
  readonly project: string
  /** A zone for the groups of that zone, a region for its regional ones. */
  readonly location: string
  /** @default - application default credentials, as Google's library finds them */
  readonly auth?: GcpAuth
  /** Another address of the Compute API. @default - Google's own */
  readonly endpoint?: string
  /** Clients to use instead of making them. @default - made when first needed */
  readonly clients?: GcpClients
  /** Whether marks have run out, and how long operations are waited for. @default - this machine's clock */
  readonly clock?: GcpClock
}

const schema = v.strictObject({
  project: text(PROJECT, "a project's id, such as 'web-prod'"),
  location: text(LOCATION, "a zone or a region, such as 'europe-west1-b' or 'europe-west1'"),
  auth: v.exactOptional(having<GcpAuth>('an auth client of google-auth-library', 'getRequestHeaders', 'fetch')),
  endpoint: v.exactOptional(urlText),
  clients: v.exactOptional(v.record(v.string(), having<GcpClient>('a client of @google-cloud/compute', 'initialize'))),
  clock: v.exactOptional(having<GcpClock>('a clock: { now, sleep }', 'now', 'sleep')),
})

/** @throws RolloutError `spec-invalid` with every problem; credentials are not repeated in it. */
export function checkAccess(access: GcpAccess): void {
  const { problems } = check(schema, access, 'access')
  if (problems.length > 0) throw problemsError('spec-invalid', 'Google Cloud cannot be reached like this', problems)
}
