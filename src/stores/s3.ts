import * as v from 'valibot'
import { problemsError } from '../core/errors.ts'
import type { RolloutStore } from '../core/ports.ts'
import { check } from '../core/schema.ts'
import { objectStore } from './object/store.ts'
import { s3Bucket } from './s3/bucket.ts'
import { createSender } from './s3/sender.ts'

/** Where journals are kept in S3. */
export interface S3Options {
  /** The bucket's name. It needs no versioning and no locks. */
  readonly bucket: string
  /** What the names of all objects begin with, so that a bucket can be shared. @default 'imago/' */
  readonly prefix?: string
  /** @default - as the SDK finds it by itself */
  readonly region?: string
  /** Credentials, or what gives them afresh. @default - those that the SDK finds by itself */
  readonly credentials?: unknown
  /** Address of a store that speaks S3's language and knows conditional writes. @default - AWS's own */
  readonly endpoint?: string
}

const PREFIX = 'imago/'

const schema = v.strictObject({
  bucket: v.pipe(v.string("a bucket's name"), v.regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket's name")),
  prefix: v.optional(
    v.pipe(v.string('a text that ends with a slash'), v.regex(/^(?:.+\/)?$/, 'a text that ends with a slash')),
    PREFIX,
  ),
  region: v.exactOptional(v.string("a region, such as 'eu-west-1'")),
  credentials: v.optional(v.unknown()),
  endpoint: v.exactOptional(v.pipe(v.string('a URL'), v.url('a URL'))),
})

/**
 * A store in a bucket of S3, for processes on many machines: a rollout that one began is gone on with by the next. It rests on conditional
 * writes alone (`If-None-Match`, `If-Match`), and needs `s3:PutObject`, `s3:GetObject` and `s3:ListBucket`. Nothing is loaded or called
 * before first use. Lease and clock count in whole seconds, as S3 tells them.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function s3(options: S3Options): RolloutStore {
  const { value, problems } = check(schema, options, 'options')
  if (value === undefined) throw problemsError('spec-invalid', 'This store cannot be opened', problems)
  const sender = createSender(options)
  const store = objectStore(s3Bucket(sender, value), { kind: 's3' })
  return { ...store, close: async () => sender.close() }
}
