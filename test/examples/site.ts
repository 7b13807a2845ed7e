import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { TestContext } from 'vitest'
import { root } from '../../tools/subpaths.ts'

const execute = promisify(execFile)

/** A folder in which examples run as processes of their own, with everything temporary inside it. */
export interface Site {
  readonly folder: string
  /** Done after the test, whatever its end; what was said last is done first. */
  after(undo: () => Promise<void>): void
  /** Runs an example, or anything that Node takes for a program, to its end. @returns what it said. @throws when it fails. */
  run(...program: readonly string[]): Promise<string>
  /** Files and processes that are there now, by name. */
  leftovers(): Promise<readonly string[]>
}

/** Opens a site that is gone after the test. Tests that run side by side each hand in their own context. */
export async function openSite({ onTestFinished }: TestContext): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'imago-examples-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const env = { PATH: process.env['PATH'], TMPDIR: folder, IMAGO_HOME: join(folder, 'home') }
  return {
    folder,
    after: (undo) => onTestFinished(undo),
    async run(...program) {
      const args = ['--import', pathToFileURL(join(root, 'tools/source.mjs')).href, ...program.map(absolute)]
      const { stdout } = await execute(process.execPath, args, { cwd: folder, env, timeout: 120_000 })
      return stdout
    },
    leftovers: async () => [...(await readdir(folder)), ...(await processesIn(folder))],
  }
}

function absolute(word: string): string {
  return word.startsWith('examples/') ? join(root, word) : word
}

/** Command lines of the processes that work in a folder; the local cloud's all name their home. */
async function processesIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(pid)) continue
    // A process may end while the list is read.
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    if (line.includes(folder) || environment.includes(folder)) found.push(`${pid} ${line.replaceAll('\0', ' ')}`)
  }
  return found
}
