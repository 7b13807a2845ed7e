import * as v from 'valibot'
import type { RolloutStore } from '../core/ports.ts'
import { having, text } from '../core/schema.ts'
import { gcsDialect } from './gcs/dialect.ts'
import type { GcsAuth, GcsOptions } from './gcs/options.ts'
import { checked, shared } from './object/options.ts'
import { restBucket } from './object/rest.ts'
import { objectStore } from './object/store.ts'

export type { GcsAuth, GcsOptions } from './gcs/options.ts'

const schema = v.strictObject({
  bucket: text(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, "a bucket's name"),
  auth: v.exactOptional(having<GcsAuth>('an auth client of google-auth-library', 'getRequestHeaders')),
  ...shared,
})

/**
 * A store in a bucket of Google Cloud Storage, for processes on many machines. It rests on conditional writes alone, and needs the role
 * Storage Object User. Nothing is loaded or called before first use. Lease and clock count in whole seconds. What Google finds written too
 * often, as a lease is when it is written more than once a second, is written a little later.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function gcs(options: GcsOptions): RolloutStore {
  return objectStore(restBucket(gcsDialect(checked(schema, options))), { kind: 'gcs' })
}
