/** Credentials: any client of google-auth-library. */
export interface GcsAuth {
  // The library's own types are not named here, so that it need not be installed to compile.
  getRequestHeaders(url?: never): Promise<unknown>
}

/** Where journals are kept in Google Cloud Storage. */
export interface GcsOptions {
  /** The bucket's name. It needs no versioning; a policy that keeps objects as they are would refuse leases. */
  readonly bucket: string
  /** What the names of all objects begin with, so that a bucket can be shared. @default 'imago/' */
  readonly prefix?: string
  /** @default - application default credentials, as google-auth-library finds them */
  readonly auth?: GcsAuth
  /** Another address of the XML API. @default - Google's own */
  readonly endpoint?: string
}
