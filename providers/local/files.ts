import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Replaces a file as a whole and durably: a reader, and a machine that loses power, sees the old text or the new one. */
export function replaceFile(path: string, text: string): void {
  const fresh = `${path}.new`
  try {
    writeDurably(fresh, text)
  } catch (fault) {
    rmSync(fresh, { force: true })
    throw fault
  }
  renameSync(fresh, path)
  syncFolder(dirname(path))
}

/** The system's own code of a failed file operation, such as `ENOSPC`. */
export function systemCode(fault: unknown): string | undefined {
  return fault instanceof Error && 'code' in fault && typeof fault.code === 'string' ? fault.code : undefined
}

/** Whether the disk, or this user's part of it, is full. */
export function isDiskFull(fault: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(fault) ?? '')
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600)
  try {
    const bytes = Buffer.from(text)
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
