import type * as compute from '@azure/arm-compute'
import { rolloutError } from '../../../src/core/errors.ts'

/** The client of Azure's compute API. */
export type Compute = compute.ComputeManagementClient
/** A list of the client, read page by page. */
export type Paged<Item> = compute.PagedAsyncIterableIterator<Item>

const NAME = '@azure/arm-compute'

/** Loads the package, of 38 MB and some 200 to 300 ms to import. @throws RolloutError `peer-missing` when it is not installed. */
export async function loadCompute(): Promise<typeof compute> {
  try {
    return await import('@azure/arm-compute')
  } catch (cause) {
    throw rolloutError(
      'peer-missing',
      `imago/azure needs ${NAME}, which is not installed here: npm install ${NAME}`,
      { package: NAME, for: 'imago/azure' },
      cause,
    )
  }
}
