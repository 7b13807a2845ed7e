import type { DatabaseSync } from 'node:sqlite'

/** A lock that is held. */
export interface HeldLock {
  free(): void
}

/**
 * Takes a lock that lasts as long as this process at most, or answers `undefined` when another one has it.
 *
 * The kernel frees it with the process, however that ends, so there is no stale lock to judge. SQLite takes the advisory
 * lock because Node itself has no call for it.
 */
export async function tryLock(file: string): Promise<HeldLock | undefined> {
  const { DatabaseSync } = await import('node:sqlite')
  const database: DatabaseSync = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return { free: () => database.close() }
  } catch (fault) {
    database.close()
    if (fault instanceof Error && 'errcode' in fault && fault.errcode === SQLITE_BUSY) return undefined
    throw fault
  }
}

const SQLITE_BUSY = 5
