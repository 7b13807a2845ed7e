/** Credentials: any of `@azure/identity`. */
export interface AzureBlobCredential {
  // The package's own types are not named here, so that it need not be installed to compile.
  getToken(scopes: string | string[], options?: never): Promise<unknown>
}

/** Where journals are kept in Azure Blob Storage. */
export interface AzureBlobOptions {
  /** The storage account's name. */
  readonly account: string
  /** The container's name. It needs no versioning; a policy that keeps objects as they are would refuse leases. */
  readonly container: string
  /** What the names of all objects begin with, so that a container can be shared. @default 'imago/' */
  readonly prefix?: string
  readonly credential: AzureBlobCredential
  /** Another address of the account. @default - `https://<account>.blob.core.windows.net` */
  readonly endpoint?: string
}
