/** The store was not reached, or turned the call away: nothing was written. */
export interface Away {
  readonly status: 503
  /** In its own words. @default - it says nothing */
  readonly why?: string
  /** It was asked too often: what is written next comes after a pause. */
  readonly busy?: true
}

/** A clock that is not told would be taken for the beginning of time. */
export const NO_TIME: Away = { status: 503, why: 'it did not say what time it is' }

/** When a PUT is carried out: only if nothing is there, or only over this version. */
export type PutCondition = { readonly ifNoneMatch: '*' } | { readonly ifMatch: string }

/** Answer to a PUT: 200 written; 404 and 412 the condition did not hold; 409 another write was under way: nothing written. */
export type PutAnswer =
  | { readonly status: 200; readonly etag: string }
  | { readonly status: 404 | 409 | 412 }
  | Away
  /** Nobody heard the answer: written now, a little later, or never. */
  | { readonly status: 'unknown' }

/** Answer to a GET; `date` is the server's, epoch milliseconds in whole seconds. */
export type GetAnswer =
  | { readonly status: 200; readonly etag: string; readonly body: string; readonly date: number }
  | { readonly status: 404; readonly date: number }
  | Away

/** Answer to a LIST: a page of names in order, which may be empty, and by what the next one is asked for; without it there is none. */
export type ListAnswer = { readonly status: 200; readonly names: readonly string[]; readonly next?: string } | Away

/** The three calls that all object stores have in common; reads are strong: they see every write that was answered. */
export interface Bucket {
  /** For people and claims, `journals/imago/`. */
  readonly name: string
  put(name: string, body: string, condition: PutCondition): Promise<PutAnswer>
  get(name: string): Promise<GetAnswer>
  /** Names that begin with `prefix`, up to their next slash: one that ends with it stands for all that begin with it. */
  list(prefix: string, page?: string): Promise<ListAnswer>
  /** Cuts what is under way, frees sockets, and refuses what comes later. */
  close?(): void
}
