import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../../tools/subpaths.ts'

const run = promisify(execFile)

test('a fresh clone of this commit passes what CI runs, and stays clean', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'imago-clone-'))
  try {
    await run('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, folder])
    const { stdout } = await run(join(folder, '.ci', 'run'), [], { cwd: folder, maxBuffer: 64e6 })
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^\d+ passed, 0 failed, \d+ skipped$/)
    expect((await run('git', ['status', '--porcelain'], { cwd: folder })).stdout).toBe('')
  } finally {
    await rm(folder, { recursive: true })
  }
})
