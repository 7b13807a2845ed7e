import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { callFailed } from '../../../src/core/errors.ts'
import { replaceFile } from '../files.ts'
import { launchDigest, type LaunchSettings } from './settings.ts'

/** Whether settings of this digest are kept. */
export function hasTemplate(folder: string, digest: string): boolean {
  return existsSync(join(folder, `${digest}.json`))
}

/** Keeps settings under their digest, in a file that only the owner reads. Done twice it changes nothing. */
export function keepTemplate(folder: string, settings: LaunchSettings): string {
  const digest = launchDigest(settings)
  if (!hasTemplate(folder, digest)) replaceFile(join(folder, `${digest}.json`), JSON.stringify(settings))
  return digest
}

/** The settings of this digest. @throws RolloutError `call-failed` of class `not-found`. */
export function readTemplate(folder: string, digest: string): LaunchSettings {
  if (!hasTemplate(folder, digest)) {
    throw callFailed(
      'not-found',
      'resolve',
      `No launch settings ${digest} are kept in ${folder}; a release is launched from settings that were given before.`,
    )
  }
  return JSON.parse(readFileSync(join(folder, `${digest}.json`), 'utf8')) as LaunchSettings
}
