import { createHash } from 'node:crypto'

/** A short name for a text: the first twelve hex digits of its SHA-256. */
export function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
