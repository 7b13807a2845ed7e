import { resolve } from 'node:path'
import type { Json } from '../core/json.ts'
import type { RolloutStore } from '../core/ports.ts'
import { createHandle } from './sqlite/handle.ts'
import { defaultPath } from './sqlite/path.ts'
import { checkedCell, checkedRow, type CellRow, type Row } from './sqlite/row.ts'

/** Where a SQLite store is. */
export interface SqliteOptions {
  /** The database file, made for the owner only. @default - `imago/rollouts.db` in the user's state folder */
  readonly path?: string
}

/** Entries that one read answers at most. */
const PAGE = 500

/**
 * A store in one file, for all processes of one machine: `node:sqlite` with a write-ahead log and full synchronisation,
 * so that what was appended is there after any crash. Opened on first use; once closed it refuses everything.
 */
export function sqlite(options: SqliteOptions = {}): RolloutStore {
  const { id, use, write, refuseClosed, close } = createHandle(resolve(options.path ?? defaultPath()))
  return {
    contract: 1,
    kind: 'sqlite',
    get id() {
      return id()
    },
    append: (stream, atSeq, entries) =>
      write(stream, (database) => (database.append(stream, atSeq, entries.map(textOf)) ? 'appended' : 'taken')),
    read: (stream, fromSeq) =>
      use(stream, (database) => {
        const first = Math.max(1, fromSeq)
        const rows = database.read.all(stream, first, PAGE) as unknown as Row[]
        return rows.map((row, index) => checkedRow(stream, first + index, row))
      }),
    list: (prefix) =>
      // JavaScript's order, not that of the database, which differs outside the basic plane.
      use(prefix, (database) => database.list(prefix).sort()),
    async now() {
      refuseClosed()
      return Date.now()
    },
    get: (key) =>
      use(key, (database) => {
        const row = database.get.get(key) as unknown as CellRow | undefined
        return row === undefined ? undefined : checkedCell(key, row)
      }),
    compareAndSet: (key, expected, value) =>
      write(key, (database) =>
        database.compareAndSet(key, expected, value === null ? undefined : textOf(value)) ? 'set' : 'lost',
      ),
    async close() {
      close()
    },
  }
}

function textOf(value: Json): string {
  return JSON.stringify(value)
}
