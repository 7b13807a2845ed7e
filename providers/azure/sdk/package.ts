import type * as compute from '@azure/arm-compute'
import type * as pipeline from '@azure/core-rest-pipeline'
import { missingPeer } from '../../../src/core/errors.ts'

/** The client of Azure's compute API. */
export type Compute = compute.ComputeManagementClient
/** A list of the client, read page by page. */
export type Paged<Item> = compute.PagedAsyncIterableIterator<Item>
/** What sends a request that the client has no operation for. */
export type Http = Pick<typeof pipeline, 'createDefaultHttpClient' | 'createHttpHeaders' | 'createPipelineRequest' | 'RestError'>

const USER = 'imago/azure'

/** Loads the package, of 38 MB and some 200 to 300 ms to import. @throws RolloutError `peer-missing` when it is not installed. */
export async function loadCompute(): Promise<typeof compute> {
  return await import('@azure/arm-compute').catch(missingPeer('@azure/arm-compute', USER))
}

/** Loads what the client itself sends its requests by. @throws RolloutError `peer-missing` when it is not installed. */
export async function loadHttp(): Promise<Http> {
  return await import('@azure/core-rest-pipeline').catch(missingPeer('@azure/core-rest-pipeline', USER))
}
