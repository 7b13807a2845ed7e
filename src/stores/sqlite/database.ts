import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { openFile } from './file.ts'
import { sumOf } from './row.ts'
import { createTransaction } from './transaction.ts'

/** The open database: its statements, and the two writes that are transactions. */
export interface Database {
  /** Drawn when the database was made: two machines may use the same path. */
  readonly id: string
  readonly read: StatementSync
  readonly get: StatementSync
  /** Names of the streams that begin with a prefix, in no particular order. */
  list(prefix: string): string[]
  /** False when something stands at the place, or it is beyond the end. */
  append(stream: string, atSeq: number, bodies: readonly string[]): boolean
  /** False when the version is not the expected one. */
  compareAndSet(key: string, expected: string | undefined, value: string | undefined): boolean
  close(): void
}

/** Opens the database, or makes it. */
export function openDatabase(path: string): Database {
  const database = openFile(path)
  const transaction = createTransaction(database)
  const end = database.prepare('select max(seq) as seq from entries where stream = ?')
  const insert = database.prepare('insert into entries (stream, seq, body, crc) values (?, ?, ?, ?)')
  const get = database.prepare('select version, value, crc from cells where key = ?')
  const put = database.prepare('insert or replace into cells (key, version, value, crc) values (?, ?, ?, ?)')
  const drop = database.prepare('delete from cells where key = ?')
  const nextVersion = versionCounter(database)
  const isEnd = (stream: string, seq: number) => Number(end.get(stream)?.['seq'] ?? 0) === seq - 1
  return {
    id: String(database.prepare('select id from store').get()?.['id']),
    read: database.prepare('select seq, body, crc from entries where stream = ? and seq >= ? order by seq limit ?'),
    get,
    list: streamLister(database),
    append: (stream, atSeq, bodies) =>
      // First without the lock: who comes late need not wait for it, nor make others wait.
      isEnd(stream, atSeq) &&
      transaction(() => {
        if (!isEnd(stream, atSeq)) return false
        bodies.forEach((body, index) => insert.run(stream, atSeq + index, body, sumOf(body)))
        return true
      }),
    compareAndSet: (key, expected, value) =>
      transaction(() => {
        const now = get.get(key)?.['version']
        if ((now === undefined ? undefined : String(now)) !== expected) return false
        if (value === undefined) drop.run(key)
        else put.run(key, nextVersion(), value, sumOf(value))
        return true
      }),
    close: () => database.close(),
  }
}

/** Steps from name to name along the primary key: what it costs depends on the streams, not on their entries. */
function streamLister(database: DatabaseSync): (prefix: string) => string[] {
  const first = database.prepare('select min(stream) as stream from entries where stream >= ?')
  const after = database.prepare('select min(stream) as stream from entries where stream > ?')
  return (prefix) => {
    const names: string[] = []
    let name = first.get(prefix)?.['stream']
    while (typeof name === 'string' && name.startsWith(prefix)) {
      names.push(name)
      name = after.get(name)?.['stream']
    }
    return names
  }
}

/** Versions never repeat, also when a cell was removed in between. */
function versionCounter(database: DatabaseSync): () => number {
  const next = database.prepare('update store set versions = versions + 1 returning versions')
  return () => Number(next.get()?.['versions'])
}
