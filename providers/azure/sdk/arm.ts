import { isObject } from '../../../src/core/json.ts'
import type { Accepted } from '../../../src/core/ports.ts'
import { loadHttp, type Compute } from './package.ts'

/** Where Azure is, unless an access says otherwise. */
export const PUBLIC_CLOUD = 'https://management.azure.com'

/** A request to Azure Resource Manager of which the compute client knows nothing: networking, autoscale settings, operations. */
export interface ArmRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query, `/subscriptions/…?api-version=…`. */
  readonly path: string
  readonly body?: object
  /** The entity tag that the resource must still have. @default - any */
  readonly ifMatch?: string
}

/** An answer, as it came over the wire: nothing of it is left out, so that it can be sent back changed. */
export type ArmBody = Readonly<Record<string, unknown>>

/** An answer, and where to ask how that goes which takes long. */
export interface ArmAnswer extends Accepted {
  readonly body: ArmBody
}

/** Sends a request through the client's own pipeline: with its credentials, and repeated by nobody. */
export async function sendArm(client: Compute, endpoint: string, request: ArmRequest, signal: AbortSignal): Promise<ArmAnswer> {
  const { createDefaultHttpClient, createHttpHeaders, createPipelineRequest, RestError } = await loadHttp()
  const { method, path, body, ifMatch } = request
  const sent = createPipelineRequest({
    url: `${endpoint}${path}`,
    method,
    headers: createHttpHeaders({
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    allowInsecureConnection: endpoint.startsWith('http:'),
    abortSignal: signal,
  })
  const response = await client.pipeline.sendRequest(createDefaultHttpClient(), sent)
  // In the form of the client's own errors; what Azure said is heard on the way.
  if (response.status >= 400)
    throw new RestError(`status ${response.status}`, { statusCode: response.status, request: sent, response })
  const answer: unknown = response.bodyAsText ? JSON.parse(response.bodyAsText) : {}
  const operation = response.headers.get('azure-asyncoperation')
  return { body: isObject(answer) ? answer : {}, ...(operation === undefined ? {} : { handle: pathOf(operation) }) }
}

/** Path and query of an address that Azure gave: what follows one is sent to the endpoint that we know, with our token, and nowhere else. */
export function pathOf(address: string): string {
  const { pathname, search } = new URL(address, PUBLIC_CLOUD)
  return `${pathname}${search}`
}
