import { missingPeer } from '../../core/errors.ts'
import type { Dialect } from '../object/rest.ts'
import type { GcsAuth, GcsOptions } from './options.ts'

const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_write'

type Options = GcsOptions & { readonly prefix: string }

/** A bucket of Google Cloud Storage in words of its XML API: a version is a generation, and generation 0 is of what is not there. */
export function gcsDialect({ bucket, prefix, auth, endpoint = 'https://storage.googleapis.com' }: Options): Dialect {
  let found = auth
  return {
    name: `${bucket}/${prefix}`,
    endpoint,
    path: `/${bucket}`,
    prefix,
    async always() {
      found ??= await defaultAuth()
      const given = (await found.getRequestHeaders(endpoint as never)) as Headers | Record<string, string>
      return given instanceof Headers ? Object.fromEntries(given) : given
    },
    // Otherwise objects that anybody may read would be read from caches.
    writing: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    when(condition) {
      return { 'x-goog-if-generation-match': 'ifMatch' in condition ? condition.ifMatch : '0' }
    },
    version: 'x-goog-generation',
    absent: 'NoSuchKey',
    refused: ['PreconditionFailed'],
    list: 'list-type=2',
    page: 'continuation-token',
    names: 'Key|CommonPrefixes>\\s*<Prefix',
    next: 'NextContinuationToken',
  }
}

async function defaultAuth(): Promise<GcsAuth> {
  const { GoogleAuth } = await import('google-auth-library').catch(missingPeer('google-auth-library', 'imago/stores/gcs'))
  return new GoogleAuth({ scopes: SCOPE })
}
