import type * as compute from '@azure/arm-compute'
import type * as pipeline from '@azure/core-rest-pipeline'
import { rolloutError } from '../../../src/core/errors.ts'

/** The client of Azure's compute API. */
export type Compute = compute.ComputeManagementClient
/** A list of the client, read page by page. */
export type Paged<Item> = compute.PagedAsyncIterableIterator<Item>
/** What sends a request that the client has no operation for. */
export type Http = Pick<typeof pipeline, 'createDefaultHttpClient' | 'createHttpHeaders' | 'createPipelineRequest' | 'RestError'>

/** Loads the package, of 38 MB and some 200 to 300 ms to import. @throws RolloutError `peer-missing` when it is not installed. */
export async function loadCompute(): Promise<typeof compute> {
  return await load('@azure/arm-compute', () => import('@azure/arm-compute'))
}

/** Loads what the client itself sends its requests by. @throws RolloutError `peer-missing` when it is not installed. */
export async function loadHttp(): Promise<Http> {
  return await load('@azure/core-rest-pipeline', () => import('@azure/core-rest-pipeline'))
}

async function load<T>(name: string, loaded: () => Promise<T>): Promise<T> {
  try {
    return await loaded()
  } catch (cause) {
    throw rolloutError(
      'peer-missing',
      `imago/azure needs ${name}, which is not installed here: npm install ${name}`,
      { package: name, for: 'imago/azure' },
      cause,
    )
  }
}
