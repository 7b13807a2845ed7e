import { rolloutError } from '../../core/errors.ts'
import { openDatabase, type Database } from './database.ts'
import { explained, mayHaveLanded } from './errors.ts'

/** One way to a database: opened on first use, and once closed for good. */
export interface Handle {
  /** @throws RolloutError `store-unavailable`, `closed`. */
  id(): string
  /** Does something with the database; what it throws is explained. @throws RolloutError. */
  use<T>(stream: string, body: (database: Database) => T): Promise<T>
  /** The same for a write: `unknown` when it may be found there all the same. */
  write<Known>(stream: string, body: (database: Database) => Known): Promise<Known | 'unknown'>
  /** @throws RolloutError `closed`. */
  refuseClosed(): void
  close(): void
}

/** A handle on the database at a path; touches nothing. */
export function createHandle(path: string): Handle {
  let opened: Database | undefined
  let id: string | undefined
  let closed = false
  const handle: Handle = {
    id() {
      try {
        return (id ??= `sqlite:${inUse().id}`)
      } catch (error) {
        throw explained(path, 'id', error)
      }
    },
    use(stream, body) {
      try {
        return Promise.resolve(body(inUse()))
      } catch (error) {
        return Promise.reject(explained(path, stream, error))
      }
    },
    write: (stream, body) =>
      handle.use(stream, (database) => {
        try {
          return body(database)
        } catch (error) {
          if (mayHaveLanded(error)) return 'unknown'
          throw error
        }
      }),
    refuseClosed() {
      if (closed) throw rolloutError('closed', `The store ${path} was closed; make a new one.`, { what: path })
    },
    close() {
      closed = true
      opened?.close()
      opened = undefined
    },
  }
  return handle

  function inUse(): Database {
    handle.refuseClosed()
    return (opened ??= openDatabase(path))
  }
}
