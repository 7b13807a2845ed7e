import { isRolloutError, rolloutError, type RolloutError } from '../../core/errors.ts'

/** What SQLite says, by its primary result code, in words that help. */
const REASONS: Readonly<Record<number, string>> = {
  5: 'another process has kept it locked for too long',
  8: 'it may not be written to',
  10: 'the disk failed, or a limit on its files was met',
  11: 'the file is damaged',
  13: 'the disk is full',
  14: 'the file cannot be opened or made',
  26: 'the file is not a database',
}

/** An error of the database as imago's own. Nothing was written: SQLite undoes what it could not finish. */
export function explained(path: string, stream: string, error: unknown): RolloutError {
  if (isRolloutError(error)) return error
  const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error))
  const message = `The store ${path} cannot be used: ${reason}. Nothing was written.`
  return rolloutError('store-unavailable', message, { stream }, error)
}
