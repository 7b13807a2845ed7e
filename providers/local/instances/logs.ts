import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

const KEPT_FILES = 50
const KEPT_BYTES = 16 * 1024 * 1024
const TAIL_BYTES = 4_096

/** The log of an instance. */
export function logFile(folder: string, instance: string): string {
  return join(folder, `${instance}.log`)
}

/** Keeps the logs of all that lives and of the last 50 that have ended; a log over 16 MB starts again, its old text beside it. */
export function tidyLogs(folder: string, living: ReadonlySet<string>): void {
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'))
  for (const name of names) shorten(join(folder, name))
  const ended = names.filter((name) => !living.has(name.slice(0, -'.log'.length)))
  const byAge = ended
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
    .toSorted((a, b) => b.at - a.at)
  for (const { path } of byAge.slice(KEPT_FILES)) {
    rmSync(path, { force: true })
    rmSync(`${path}.old`, { force: true })
  }
}

/** Whether the end of a log speaks of a port that was taken. The log itself never leaves its file. */
export function saysPortInUse(log: string): boolean {
  return /EADDRINUSE|address already in use/i.test(tail(log))
}

/** The writer has the file open for appending, so emptying it in place is safe. */
function shorten(path: string): void {
  if (statSync(path).size <= KEPT_BYTES) return
  writeFileSync(`${path}.old`, readFileSync(path), { mode: 0o600 })
  truncateSync(path, 0)
}

function tail(path: string): string {
  if (!existsSync(path)) return ''
  const file = openSync(path, 'r')
  try {
    const start = Math.max(0, statSync(path).size - TAIL_BYTES)
    const buffer = Buffer.alloc(TAIL_BYTES)
    return buffer.subarray(0, readSync(file, buffer, 0, TAIL_BYTES, start)).toString()
  } finally {
    closeSync(file)
  }
}
