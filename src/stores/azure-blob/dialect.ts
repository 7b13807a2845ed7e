import type { Dialect } from '../object/rest.ts'
import type { AzureBlobOptions } from './options.ts'

/** The same in every cloud of Azure. */
const SCOPE = 'https://storage.azure.com/.default'
/** A credential that does not keep its tokens may start a program for each; none that was just given runs out so soon. */
const KEPT_MS = 60_000

type Options = AzureBlobOptions & { readonly prefix: string }

/** A container of Azure Blob Storage in words of its REST API. */
export function azureDialect({ account, container, prefix, credential, endpoint }: Options): Dialect {
  let kept: { readonly token: string; readonly untilMs: number } | undefined
  return {
    name: `${account}/${container}/${prefix}`,
    endpoint: endpoint ?? `https://${account}.blob.core.windows.net`,
    path: `/${container}`,
    prefix,
    async always() {
      if (kept === undefined || performance.now() > kept.untilMs) {
        const given = (await credential.getToken(SCOPE)) as { readonly token: string } | null
        kept = given === null ? undefined : { token: given.token, untilMs: performance.now() + KEPT_MS }
      }
      return { authorization: `Bearer ${kept?.token ?? ''}`, 'x-ms-version': '2023-11-03' }
    },
    writing: { 'content-type': 'application/json', 'x-ms-blob-type': 'BlockBlob' },
    when(condition) {
      return 'ifMatch' in condition ? { 'if-match': condition.ifMatch } : { 'if-none-match': '*' }
    },
    version: 'etag',
    absent: 'BlobNotFound',
    refused: ['BlobAlreadyExists', 'ConditionNotMet', 'TargetConditionNotMet'],
    list: 'restype=container&comp=list',
    page: 'marker',
    names: 'Name',
    next: 'NextMarker',
  }
}
