import * as v from 'valibot'
import { problemsError } from '../../../src/core/errors.ts'
import { check, having, urlText } from '../../../src/core/schema.ts'
import type { AzureClock } from './clock.ts'

/** What the id of a subscription looks like. */
export const SUBSCRIPTION = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** What the name of a resource group looks like. */
export const RESOURCE_GROUP = /^[-\p{L}\p{N}_.()]{1,89}[-\p{L}\p{N}_()]$|^[-\p{L}\p{N}_()]$/u

/** What gives tokens: a credential of `@azure/identity`, or anything that does the same. */
export interface AzureCredential {
  // The packages' own types are not named here, so that they need not be installed to compile.
  getToken(scopes: string | string[], options?: never): Promise<unknown>
}

/** A `ComputeManagementClient` that a program made itself. */
export interface AzureClient {
  readonly pipeline: object
  readonly virtualMachineScaleSets: object
  readonly galleryImageVersions: object
}

/** Where and as whom Azure is called. */
export interface AzureAccess {
  /** The id of the subscription that the scale sets are in. */
  readonly subscription: string
  /** The resource group that they are in. */
  readonly resourceGroup: string
  /** What gives tokens. @default - `client` is given */
  readonly credential?: AzureCredential
  /**
   * Makes the client for a subscription, which is another one where an image's gallery is; asked once for each. Its own retries are to
   * be off (`retryOptions: { maxRetries: 0 }`): they would hide throttling. @default - made from `credential`
   */
  readonly client?: (subscription: string) => AzureClient
  /** Where Azure Resource Manager is: another one in a national cloud. @default 'https://management.azure.com' */
  readonly endpoint?: string
  /** @default - this machine's clock */
  readonly clock?: AzureClock
}

const schema = v.pipe(
  v.strictObject({
    subscription: v.pipe(v.string('the id of a subscription'), v.regex(SUBSCRIPTION, 'the id of a subscription, a GUID')),
    resourceGroup: v.pipe(
      v.string('the name of a resource group'),
      v.regex(RESOURCE_GROUP, 'the name of a resource group: up to 90 letters, digits, and -_.() with no . at the end'),
    ),
    credential: v.exactOptional(
      having<AzureCredential>('a credential: { getToken }, such as those of @azure/identity', 'getToken'),
    ),
    client: v.exactOptional(
      v.custom<NonNullable<AzureAccess['client']>>(
        (value) => typeof value === 'function',
        'a function that makes the client of a subscription',
      ),
    ),
    endpoint: v.exactOptional(v.pipe(urlText, v.regex(/[^/]$/, 'a URL without a / at the end'))),
    clock: v.exactOptional(having<AzureClock>('a clock: { now }', 'now')),
  }),
  // A second way would be ignored without a word.
  v.check(({ credential, client }) => (credential === undefined) !== (client === undefined), 'either a credential or a client'),
)

/** @throws RolloutError `spec-invalid` with every problem; credentials are not repeated in it. */
export function checkAccess(access: AzureAccess): void {
  const { problems } = check(schema, access, 'access')
  if (problems.length > 0) throw problemsError('spec-invalid', 'Azure cannot be reached like this', problems)
}
