import type { DatabaseSync } from 'node:sqlite'
import { rolloutError } from '../../core/errors.ts'

interface SqliteModule {
  readonly DatabaseSync: typeof DatabaseSync
}

/** Node's own SQLite, loaded when it is needed. @throws RolloutError `host-unfit` where Node has none. */
export function loadSqlite(): SqliteModule {
  const module = quietly(() => process.getBuiltinModule('node:sqlite') as SqliteModule | undefined)
  if (module !== undefined) return module
  throw rolloutError('host-unfit', 'This Node.js has no SQLite of its own; use 22.18 or newer, or another store.', {
    why: 'node:sqlite is missing',
  })
}

/** Node 22 calls its SQLite experimental on the user's terminal, who can do nothing about it: that one line is left out. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (rest[0] !== 'ExperimentalWarning') Reflect.apply(emitWarning, process, [warning, ...rest])
  }
  try {
    return load()
  } finally {
    process.emitWarning = emitWarning
  }
}
