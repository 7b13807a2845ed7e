import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { s3 } from 'imago/stores/s3'
import { afterAll, beforeAll, test } from 'vitest'
import type { Harness } from '../../../src/testing/contracts/harness.ts'
import { storeContract } from '../../../src/testing/contracts/store.ts'
import { harness } from '../../contracts/harness.ts'
import { noMoto, startMoto, type Moto } from '../../witnesses/moto.ts'

const access = { region: 'us-east-1', credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'a secret of nobody' } }
let moto: Moto | undefined

/** What moto does otherwise than S3. */
const DEVIATIONS: readonly { readonly tests: RegExp; readonly why: string }[] = [
  {
    tests: /^of (?:\d+|batches that overlap) |^writers that read/,
    why: 'moto looks at a condition and writes a moment later: of writes at the same time several win',
  },
]

/** The harness of the others, in which what moto does otherwise is skipped, aloud. */
const witness: Harness = {
  ...harness,
  it(title, body) {
    const deviation = DEVIATIONS.find((one) => one.tests.test(title))
    if (deviation === undefined) harness.it(title, body)
    else harness.skip(title, deviation.why)
  },
}

if (noMoto !== undefined) test('S3 as moto understands it', (context) => context.skip(noMoto))
else {
  beforeAll(async () => void (moto = await startMoto()), 60_000)
  afterAll(async () => await moto?.close())
  storeContract(witness, {
    async create() {
      const { endpoint } = moto!
      const client = new S3Client({ ...access, endpoint, forcePathStyle: true })
      const bucket = `journals-${randomUUID()}`
      await client.send(new CreateBucketCommand({ Bucket: bucket }))
      client.destroy()
      return { open: () => s3({ ...access, endpoint, bucket }) }
    },
  })
}
