import type { DatabaseSync } from 'node:sqlite'

/** Runs a body all or not at all. */
export type Transaction = <T>(body: () => T) => T

/** The transactions of one database; each that writes ends with one fsync. */
export function createTransaction(database: DatabaseSync): Transaction {
  return (body) => {
    // Immediate: two processes that both read first and write then would otherwise block each other.
    database.exec('begin immediate')
    try {
      const result = body()
      database.exec('commit')
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('rollback')
      throw error
    }
  }
}
