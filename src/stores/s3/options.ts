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
