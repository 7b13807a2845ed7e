import { crc32 } from 'node:zlib'
import { rolloutError } from '../../core/errors.ts'
import type { Cell } from '../../core/ports.ts'
import type { Json, JsonObject } from '../../core/json.ts'

/** An entry as it lies in the table. */
export interface Row {
  readonly seq: number
  readonly body: string
  readonly crc: number
}

/** A cell as it lies in the table. */
export interface CellRow {
  readonly version: number
  readonly value: string
  readonly crc: number
}

/** The sum that tells a damaged row from a whole one. */
export function sumOf(body: string): number {
  return crc32(body)
}

/** The entry of a row. @throws RolloutError `store-corrupt` when the row is damaged or not the one that belongs here. */
export function checkedRow(stream: string, seq: number, row: Row): JsonObject {
  if (row.seq !== seq) throw corrupt(stream, seq, `entry ${row.seq} stands where ${seq} belongs`)
  if (sumOf(row.body) !== row.crc) throw corrupt(stream, seq, DAMAGED)
  return JSON.parse(row.body) as JsonObject
}

/** The cell of a row. @throws RolloutError `store-corrupt` when the row is damaged. */
export function checkedCell(key: string, row: CellRow): Cell {
  if (sumOf(row.value) !== row.crc) throw corrupt(key, row.version, DAMAGED)
  return { version: String(row.version), value: JSON.parse(row.value) as Json }
}

const DAMAGED = 'its sum does not match its content'

function corrupt(stream: string, seq: number, why: string) {
  const message = `The store's ${stream} is damaged at ${seq}: ${why}. It is not written to any more; restore the database file from a copy.`
  return rolloutError('store-corrupt', message, { stream, seq, why })
}
