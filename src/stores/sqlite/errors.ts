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

/** SQLite's code for a commit that was written, but that the disk did not confirm. */
const FSYNC_FAILED = 1034

/** Whether what was to be written may be found there all the same when the database is next opened. */
export function mayHaveLanded(error: unknown): boolean {
  return codeOf(error) === FSYNC_FAILED
}

/** An error of the database as imago's own. Nothing was written: SQLite undoes what it could not finish. */
export function explained(path: string, stream: string, error: unknown): RolloutError {
  if (isRolloutError(error)) return error
  const reason = REASONS[codeOf(error) & 0xff] ?? (error instanceof Error ? error.message : String(error))
  const message = `The store ${path} cannot be used: ${reason}. Nothing was written.`
  return rolloutError('store-unavailable', message, { stream }, error)
}

function codeOf(error: unknown): number {
  return (error as { errcode?: number }).errcode ?? 0
}
