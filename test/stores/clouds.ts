import { azureBlob } from 'imago/stores/azure-blob'
import { gcs } from 'imago/stores/gcs'
import { expect, onTestFinished } from 'vitest'
import type { RolloutStore } from '../../src/core/ports.ts'
import { createBucket, type BucketOptions } from '../../src/testing/object-store/bucket.ts'
import { azureBlobStorage } from './azure-blob/cloud.ts'
import { googleCloudStorage } from './gcs/cloud.ts'
import { serveCloud, TOKEN, type Cloud, type Wire, type WireOptions } from './wire.ts'

/** A store of a cloud, and how the cloud is played. */
export interface Subject {
  readonly kind: string
  readonly cloud: Cloud
  readonly id: string
  readonly role: string
  open(endpoint: string, more?: object): RolloutStore
}

const credential = { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) }
const auth = { getRequestHeaders: async () => new Headers({ authorization: `Bearer ${TOKEN}` }) }

/** The stores that speak HTTP themselves. */
export const SUBJECTS: readonly Subject[] = [
  {
    kind: 'gcs',
    cloud: googleCloudStorage,
    id: 'gcs:journals/imago/',
    role: 'storage.objectUser',
    open: (endpoint, more) => gcs({ bucket: 'journals', auth, endpoint, ...more }),
  },
  {
    kind: 'azure-blob',
    cloud: azureBlobStorage,
    id: 'azure-blob:shop/journals/imago/',
    role: 'Storage Blob Data Contributor',
    open: (endpoint, more) => azureBlob({ account: 'shop', container: 'journals', credential, endpoint, ...more }),
  },
]

/** A server with an empty bucket, and stores on it; whatever was sent that the cloud does not know fails the test. */
export async function served({ cloud, open }: Subject, bucket: BucketOptions = {}, options: WireOptions = {}) {
  const wire = await serveCloud(cloud, createBucket({ name: 'journals', ...bucket }), options)
  const stores: RolloutStore[] = []
  onTestFinished(async () => {
    for (const one of stores) await one.close()
    await endWire(wire)
  })
  const openStore = (more?: object) => {
    const store = open(wire.endpoint, more)
    stores.push(store)
    return store
  }
  return { wire, open: openStore }
}

/** Closes a server, to which nothing strange was said. */
export async function endWire(wire: Wire): Promise<void> {
  await wire.close()
  expect(wire.strange).toEqual([])
}
