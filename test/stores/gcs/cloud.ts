import { TOKEN, type Cloud, type Refusal } from '../wire.ts'

const no = (status: number, code: string, message: string): Refusal => ({ status, code, message })

/** Google Cloud Storage, by its XML API. */
export const googleCloudStorage: Cloud = {
  headers: ['authorization', 'cache-control', 'x-goog-if-generation-match'],
  query: ['list-type', 'prefix', 'delimiter', 'continuation-token'],
  noBucket: no(404, 'NoSuchBucket', 'The specified bucket does not exist.'),
  check({ method, object, query, headers }) {
    if (headers.authorization !== `Bearer ${TOKEN}`) return no(401, 'AuthenticationRequired', 'Authentication required.')
    if (method === 'PUT' && !/^\d+$/.test(String(headers['x-goog-if-generation-match'])))
      return no(400, 'InvalidArgument', 'a write without a condition')
    const listed = object === '' && (query.get('list-type') !== '2' || query.get('delimiter') !== '/')
    return listed ? no(400, 'InvalidArgument', 'a list of another kind') : undefined
  },
  condition: (headers) => String(headers['x-goog-if-generation-match']).replace(/^0$/, ''),
  version: (n) => String(1_764_300_000_000_000 + n),
  versionHeader: 'x-goog-generation',
  writtenStatus: 200,
  refusal: (status, { method }) =>
    status === 404 && method === 'GET'
      ? no(404, 'NoSuchKey', 'The specified key does not exist.')
      : status === 503
        ? no(503, 'ServiceUnavailable', 'Service unavailable. Please try again.')
        : status === 409
          ? no(409, 'OperationAborted', 'A conflicting operation is in progress.')
          : no(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.'),
  pageName: 'continuation-token',
  list(names, next) {
    const entries = names.map((name) =>
      name.endsWith('/')
        ? `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${name}</Key><Generation>1</Generation><ETag>"e"</ETag><Size>1</Size></Contents>`,
    )
    const token = next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`
    return `<?xml version='1.0' encoding='UTF-8'?><ListBucketResult xmlns='http://doc.s3.amazonaws.com/2006-03-01'><Name>journals</Name><Prefix>imago/</Prefix><KeyCount>${names.length}</KeyCount><IsTruncated>${next !== undefined}</IsTruncated>${token}${entries.join('')}</ListBucketResult>`
  },
}
