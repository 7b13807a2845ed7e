import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { rolloutError } from '../../core/errors.ts'
import { sumOf } from './row.ts'

/** Version of the tables. A newer one is not opened. */
const FORMAT = 1
const BUSY_MS = 10_000

const TABLES = `
  create table if not exists entries (stream text not null, seq integer not null, body text not null, crc integer not null, primary key (stream, seq)) without rowid;
  create table if not exists cells (key text primary key, version integer not null, value text not null) without rowid;
  create table if not exists versions (last integer not null);
`

/** The open database: its statements, and the two writes that are transactions. */
export interface Database {
  readonly read: StatementSync
  readonly list: StatementSync
  readonly get: StatementSync
  /** False when something stands at the place, or it is beyond the end. */
  append(stream: string, atSeq: number, bodies: readonly string[]): boolean
  /** False when the version is not the expected one. */
  compareAndSet(key: string, expected: string | undefined, value: string | undefined): boolean
  close(): void
}

/** Opens, or makes, the database for the owner only. */
export function openDatabase(path: string): Database {
  const sqlite = loadSqlite()
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const database = new sqlite.DatabaseSync(path, { timeout: BUSY_MS })
  chmodSync(path, 0o600)
  database.exec('pragma journal_mode = wal; pragma synchronous = full;')
  const transaction = <T>(body: () => T): T => {
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
  checkFormat(path, database.prepare('pragma user_version').get()?.['user_version'])
  transaction(() => {
    database.exec(TABLES)
    database.exec(`pragma user_version = ${FORMAT}`)
  })
  const end = database.prepare('select max(seq) as seq from entries where stream = ?')
  const insert = database.prepare('insert into entries (stream, seq, body, crc) values (?, ?, ?, ?)')
  const get = database.prepare('select version, value from cells where key = ?')
  const put = database.prepare('insert or replace into cells (key, version, value) values (?, ?, ?)')
  const drop = database.prepare('delete from cells where key = ?')
  const nextVersion = versionCounter(database)
  return {
    read: database.prepare('select seq, body, crc from entries where stream = ? and seq >= ? order by seq limit ?'),
    list: database.prepare('select distinct stream from entries where substr(stream, 1, ?) = ? order by stream'),
    get,
    append: (stream, atSeq, bodies) =>
      transaction(() => {
        if (Number(end.get(stream)?.['seq'] ?? 0) !== atSeq - 1) return false
        bodies.forEach((body, index) => insert.run(stream, atSeq + index, body, sumOf(body)))
        return true
      }),
    compareAndSet: (key, expected, value) =>
      transaction(() => {
        const now = get.get(key)?.['version']
        if ((now === undefined ? undefined : String(now)) !== expected) return false
        if (value === undefined) drop.run(key)
        else put.run(key, nextVersion(), value)
        return true
      }),
    close: () => database.close(),
  }
}

/** Versions never repeat, also when a cell was removed in between. */
function versionCounter(database: DatabaseSync): () => number {
  const last = database.prepare('select coalesce(max(last), 0) as last from versions')
  const clear = database.prepare('delete from versions')
  const keep = database.prepare('insert into versions (last) values (?)')
  return () => {
    const version = Number(last.get()?.['last'] ?? 0) + 1
    clear.run()
    keep.run(version)
    return version
  }
}

function checkFormat(path: string, found: unknown): void {
  if (typeof found !== 'number' || found <= FORMAT) return
  const message = `${path} was written by a newer imago (table format ${found}; this one knows ${FORMAT}): it is left alone.`
  throw rolloutError('format-newer', message, { found, known: FORMAT })
}

/** Loaded when it is needed, and past the import that would print a warning on Node 22. */
function loadSqlite(): { DatabaseSync: typeof DatabaseSync } {
  const module = process.getBuiltinModule('node:sqlite') as { DatabaseSync: typeof DatabaseSync } | undefined
  if (module !== undefined) return module
  throw rolloutError('host-unfit', 'This Node.js has no SQLite of its own; use 22.18 or newer, or another store.', {
    why: 'node:sqlite is missing',
  })
}
