import * as v from 'valibot'
import type { RolloutStore } from '../core/ports.ts'
import { text } from '../core/schema.ts'
import { checked, shared } from './object/options.ts'
import { objectStore } from './object/store.ts'
import { s3Bucket } from './s3/bucket.ts'
import type { S3Options } from './s3/options.ts'
import { createSender } from './s3/sender.ts'

export type { S3Options } from './s3/options.ts'

const schema = v.strictObject({
  bucket: text(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket's name"),
  region: v.exactOptional(v.string("a region, such as 'eu-west-1'")),
  credentials: v.optional(v.unknown()),
  ...shared,
})

/**
 * A store in a bucket of S3, for processes on many machines: a rollout that one began is gone on with by the next. It rests on conditional
 * writes alone (`If-None-Match`, `If-Match`), and needs `s3:PutObject`, `s3:GetObject` and `s3:ListBucket`. Nothing is loaded or called
 * before first use. Lease and clock count in whole seconds, as S3 tells them.
 *
 * @throws RolloutError `spec-invalid` with every problem.
 */
export function s3(options: S3Options): RolloutStore {
  const value = checked(schema, options)
  return objectStore(s3Bucket(createSender(options), value), { kind: 's3' })
}
