import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { root } from '../subpaths.ts'
import type { Mutant } from './patches.ts'

/** What a copy does without: it is large, made, or tells of another tree. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', '.git', 'dist', 'coverage', 'api'])

/** A copy of this tree with one mutant in it. */
export interface Copy extends Disposable {
  readonly folder: string
}

/** Makes a copy and applies the patch. @throws Error when the patch no longer applies. */
export function mutatedCopy(mutant: Mutant): Copy {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'imago-mutant-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    cpSync(root, folder, { recursive: true, filter: (from) => from === root || !LEFT_OUT.has(basename(from)) })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    apply(mutant, folder)
  } catch (error) {
    remove()
    throw error
  }
  process.once('exit', remove)
  return {
    folder,
    [Symbol.dispose]() {
      process.off('exit', remove)
      remove()
    },
  }
}

/** Whether a patch applies to the tree as it is; tells why not. @throws Error when it does not. */
export function checkApplies(mutant: Mutant): void {
  apply(mutant, root, ['--check'])
}

function apply({ name, file }: Mutant, folder: string, options: readonly string[] = []): void {
  try {
    // A repository around the folder would make git look there.
    const env = { ...process.env, GIT_DIR: join(folder, '.no-repository'), GIT_CEILING_DIRECTORIES: dirname(folder) }
    execFileSync('git', ['apply', '--whitespace=nowarn', ...options, file], {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  } catch (error) {
    const { stderr, message } = error as { stderr?: Buffer; message: string }
    throw new Error(`The mutant ${name} no longer applies; make it anew: ${stderr?.toString().trim() || message}`, {
      cause: error,
    })
  }
}
