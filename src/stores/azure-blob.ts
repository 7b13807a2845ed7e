import * as v from 'valibot'
import type { RolloutStore } from '../core/ports.ts'
import { having, text } from '../core/schema.ts'
import { azureDialect } from './azure-blob/dialect.ts'
import type { AzureBlobCredential, AzureBlobOptions } from './azure-blob/options.ts'
import { checked, shared } from './object/options.ts'
import { restBucket } from './object/rest.ts'
import { objectStore } from './object/store.ts'

export type { AzureBlobCredential, AzureBlobOptions } from './azure-blob/options.ts'

const schema = v.strictObject({
  account: text(/^[a-z0-9]{3,24}$/, "a storage account's name"),
  container: text(/^(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, "a container's name"),
  credential: having<AzureBlobCredential>('a credential: { getToken }, such as those of @azure/identity', 'getToken'),
  ...shared,
})

/**
 * A store in a container of Azure Blob Storage, for processes on many machines. It rests on conditional writes alone, and needs the role
 * Storage Blob Data Contributor. Nothing is loaded or called before first use. Lease and clock count in whole seconds.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function azureBlob(options: AzureBlobOptions): RolloutStore {
  return objectStore(restBucket(azureDialect(checked(schema, options))), { kind: 'azure-blob' })
}
