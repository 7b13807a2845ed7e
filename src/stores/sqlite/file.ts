import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { rolloutError } from '../../core/errors.ts'
import { loadSqlite } from './module.ts'
import { createTransaction } from './transaction.ts'

/** Version of the tables. A newer one is not opened. */
const FORMAT = 1
/** Marks the file as imago's own, as SQLite's `application_id`: "imag". */
const OURS = 0x696d6167
/** How long a writer waits for another process's transaction. */
const BUSY_MS = 10_000

const TABLES = `
  create table if not exists entries (stream text not null, seq integer not null, body text not null, crc integer not null, primary key (stream, seq)) without rowid;
  create table if not exists cells (key text primary key, version integer not null, value text not null, crc integer not null) without rowid;
  create table if not exists store (id text not null, versions integer not null);
  insert into store (id, versions) select lower(hex(randomblob(8))), 0 where not exists (select * from store);
  pragma application_id = ${OURS};
  pragma user_version = ${FORMAT};
`

/** Opens the file, or makes it with its tables, for the owner only. */
export function openFile(path: string): DatabaseSync {
  const sqlite = loadSqlite()
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // SQLite would make it readable for everybody.
  closeSync(openSync(path, 'a', 0o600))
  const database = new sqlite.DatabaseSync(path, { timeout: BUSY_MS })
  try {
    prepare(path, database)
  } catch (error) {
    database.close()
    throw error
  }
  return database
}

function prepare(path: string, database: DatabaseSync): void {
  // Before anything is written: a database that is not ours to change stays as it is.
  // Its tables first: another process that makes them just now sets the mark in the same transaction.
  const isEmpty = database.prepare('select name from sqlite_master').get() === undefined
  if (!isEmpty && numberOf(database, 'application_id') !== OURS) throw foreign(path)
  const found = numberOf(database, 'user_version')
  if (found > FORMAT) throw newer(path, found)
  // Secure delete: the value of a removed cell may be a key, and must be gone.
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;')
  if (found < FORMAT) createTransaction(database)(() => database.exec(TABLES))
}

function numberOf(database: DatabaseSync, pragma: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`pragma ${pragma}`).get()?.[pragma])
}

function foreign(path: string) {
  const message = `${path} is another program's database: it is left alone. Name another file for the store.`
  return rolloutError('store-unavailable', message, { stream: '' })
}

function newer(path: string, found: number) {
  const message = `${path} was written by a newer imago (table format ${found}; this one knows ${FORMAT}): it is left alone.`
  return rolloutError('format-newer', message, { found, known: FORMAT })
}
