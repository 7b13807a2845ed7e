import { TOKEN, type Cloud, type Refusal } from '../wire.ts'

/** With what stands behind the first line of every message of Azure. */
const no = (status: number, code: string, message: string): Refusal => ({
  status,
  code,
  message: `${message}\nRequestId:0f0f0f0f-001e-0000-0000-000000000000\nTime:2026-11-28T08:00:00.0000000Z`,
})

/** Azure Blob Storage, by its REST API. */
export const azureBlobStorage: Cloud = {
  headers: ['authorization', 'x-ms-version', 'x-ms-blob-type', 'if-match', 'if-none-match'],
  query: ['restype', 'comp', 'prefix', 'delimiter', 'marker'],
  noBucket: no(404, 'ContainerNotFound', 'The specified container does not exist.'),
  check({ method, object, query, headers }) {
    if (headers.authorization !== `Bearer ${TOKEN}`)
      return no(401, 'InvalidAuthenticationInfo', 'Server failed to authenticate the request.')
    if (headers['x-ms-version'] !== '2023-11-03') return no(400, 'InvalidHeaderValue', 'x-ms-version')
    if (method === 'PUT' && headers['x-ms-blob-type'] !== 'BlockBlob') return no(400, 'MissingRequiredHeader', 'x-ms-blob-type')
    if (method === 'PUT' && headers['if-match'] === undefined && headers['if-none-match'] !== '*')
      return no(400, 'InvalidHeaderValue', 'a write without a condition')
    if (/\.(?:\/|$)/.test(object)) return no(400, 'InvalidResourceName', 'a dot at the end of a part of a name')
    const listed =
      object === '' && `${query.get('restype')} ${query.get('comp')} ${query.get('delimiter')}` !== 'container list /'
    return listed ? no(400, 'InvalidQueryParameterValue', 'a list of another kind') : undefined
  },
  condition: (headers) => headers['if-match'] ?? '',
  version: (n) => `"0x8DE2D${n.toString(16).toUpperCase().padStart(10, '0')}"`,
  versionHeader: 'etag',
  writtenStatus: 201,
  refusal: (status, { method, headers }) =>
    status === 404 && method === 'GET'
      ? no(404, 'BlobNotFound', 'The specified blob does not exist.')
      : status === 503
        ? no(500, 'OperationTimedOut', 'Operation could not be completed within the permitted time.')
        : status === 409
          ? no(409, 'ContainerBeingDeleted', 'The specified container is being deleted. Try operation later.')
          : headers['if-match'] === undefined
            ? no(409, 'BlobAlreadyExists', 'The specified blob already exists.')
            : no(412, 'ConditionNotMet', 'The condition specified using HTTP conditional header(s) is not met.'),
  pageName: 'marker',
  list(names, next) {
    const entries = names.map((name) =>
      name.endsWith('/')
        ? `<BlobPrefix><Name>${name}</Name></BlobPrefix>`
        : `<Blob><Name>${name}</Name><Properties><Etag>0x8DE2D</Etag><BlobType>BlockBlob</BlobType></Properties></Blob>`,
    )
    return `\uFEFF<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="http://account/" ContainerName="journals"><Prefix>imago/</Prefix><Delimiter>/</Delimiter><Blobs>${entries.join('')}</Blobs>${next === undefined ? '<NextMarker />' : `<NextMarker>${next}</NextMarker>`}</EnumerationResults>`
  },
}
