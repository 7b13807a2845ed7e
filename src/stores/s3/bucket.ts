import { isRolloutError, UNSENT } from '../../core/errors.ts'
import { NO_TIME, type Away, type Bucket } from '../object/bucket.ts'
import type { Sender } from './sender.ts'

/** A bucket of S3 by the three calls that a store needs. */
export function s3Bucket(sender: Sender, { bucket, prefix }: { readonly bucket: string; readonly prefix: string }): Bucket {
  const named = (name: string) => ({ Bucket: bucket, Key: prefix + name })
  return {
    name: `${bucket}/${prefix}`,
    close: sender.close,

    async put(name, body, condition) {
      const when = 'ifMatch' in condition ? { IfMatch: condition.ifMatch } : { IfNoneMatch: condition.ifNoneMatch }
      const input = { ...named(name), Body: body, ContentType: 'application/json', ...when }
      const { output, error } = await sender.put(input)
      if (output !== undefined) return { status: 200, etag: output.ETag ?? '' }
      const status = statusOf(error)
      if (status === 412 || status === 409 || isAbsent(error)) return { status: status as 404 | 409 | 412 }
      return mayHaveLanded(error) ? { status: 'unknown' } : awayFor(error)
    },

    async get(name) {
      const { output, error, date } = await sender.get(named(name))
      if (date === undefined) return error === undefined ? NO_TIME : awayFor(error)
      if (output !== undefined) return { status: 200, ...output, date }
      return isAbsent(error) ? { status: 404, date } : awayFor(error)
    },

    async list(start, page) {
      const input = { Bucket: bucket, Prefix: prefix + start, Delimiter: '/', ContinuationToken: page }
      const { output, error } = await sender.list(input)
      if (output === undefined) return awayFor(error)
      const { Contents = [], CommonPrefixes = [], NextContinuationToken: next } = output
      const names = [...Contents.map((one) => one.Key), ...CommonPrefixes.map((one) => one.Prefix)]
      return {
        status: 200,
        names: names.map((name = '') => name.slice(prefix.length)),
        ...(next === undefined ? {} : { next }),
      }
    },
  }
}

/** What the SDK throws, as far as it matters here. */
interface NativeError {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

function statusOf(error: unknown): number | undefined {
  return (error as NativeError).$metadata?.httpStatusCode
}

/** The object is not there; a bucket that is not there is another matter. */
function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404 && (error as NativeError).name !== 'NoSuchBucket'
}

/** Before anything was sent. */
const NOT_ABLE = new Set(['CredentialsProviderError', 'Error'])
/** S3 turns a call away by it, and has done nothing. */
const BUSY = 503

/** A server that failed, or was not heard, may have carried a write out. */
function mayHaveLanded(error: unknown): boolean {
  const status = statusOf(error)
  if (status !== undefined) return status >= 500 && status !== BUSY
  const { name = '', code = '' } = error as NativeError
  return !UNSENT.has(code) && !(NOT_ABLE.has(name) && code === '')
}

/** Turned away, in S3's own words. @throws RolloutError `peer-missing` as it is: no waiting would help. */
function awayFor(error: unknown): Away {
  if (isRolloutError(error)) throw error
  const { name, message } = error as NativeError
  return { status: 503, why: name === undefined || name === 'Error' ? String(message) : `${name}: ${message}` }
}
