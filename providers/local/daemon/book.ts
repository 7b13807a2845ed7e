import { existsSync, readFileSync } from 'node:fs'
import { callFailed, rolloutError } from '../../../src/core/errors.ts'
import { isDiskFull, replaceFile, systemCode } from '../files.ts'
import { emptyState, type CloudState } from './state.ts'

/** The desired state, in memory and on disk at once. */
export interface Book {
  readonly state: CloudState
  /** Edits a copy, stores it, and only then makes it the state: a failed write changes nothing. */
  change<Result>(edit: (draft: CloudState) => Result): Result
}

/** Opens the state file, or begins with an empty cloud. @throws RolloutError `host-unfit` when a newer imago wrote it. */
export function openBook(file: string): Book {
  let text = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  let state = text === undefined ? emptyState() : parsed(file, text)
  return {
    get state() {
      return state
    },
    change(edit) {
      const draft = structuredClone(state)
      const result = edit(draft)
      const next = JSON.stringify(draft)
      if (next !== text) store(file, next)
      text = next
      state = draft
      return result
    },
  }
}

function parsed(file: string, text: string): CloudState {
  const found = JSON.parse(text) as CloudState
  if (found.format === 1) return found
  const why = `${file} has format ${String(found.format)}, this imago knows 1`
  throw rolloutError('host-unfit', `${why}; use the newer imago that wrote it.`, { why })
}

function store(file: string, text: string): void {
  try {
    replaceFile(file, text)
  } catch (fault) {
    const native = systemCode(fault)
    const why = isDiskFull(fault) ? `The disk of ${file} is full` : `${file} could not be written (${native ?? 'unknown reason'})`
    const message = `${why}; nothing was changed and nothing is lost. Free some space; the call can then be made again.`
    throw callFailed('capacity', 'store', message, { cause: fault, ...(native === undefined ? {} : { native }) })
  }
}
