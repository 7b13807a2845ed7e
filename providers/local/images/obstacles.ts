import { accessSync, constants, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { LaunchSettings } from '../launch/settings.ts'

/** Where a command without a slash is looked for: the running Node's folder first, so that `node` is this one. */
export function searchPath(): string {
  return [dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin', '/opt/homebrew/bin'].join(':')
}

/** Why this command cannot be run from this folder, if it cannot. */
export function commandObstacles(folder: string, settings: LaunchSettings): string[] {
  const program = settings.command[0] ?? ''
  if (!program.includes('/')) {
    const found = searchPath()
      .split(':')
      .some((place) => isExecutable(join(place, program)))
    return found ? [] : [`the program "${program}" is not on the search path ${searchPath()}`]
  }
  const file = isAbsolute(program) ? program : join(folder, program)
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return [`the program "${program}" is not in the image`]
  return isExecutable(file) ? [] : [`the program "${program}" is not an executable file`]
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    // Absent and forbidden are the same to somebody who wants to run it.
    return false
  }
}
