import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { root } from '../../tools/subpaths.ts'

const execute = promisify(execFile)

/** What a newcomer's shell has: nothing of this project's own tools, and nothing that npm or the tests have set. */
const env = {
  PATH: (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules') && !folder.includes('node-gyp-bin'))
    .join(delimiter),
  HOME: process.env['HOME'],
}

describe('a fresh clone of this commit', () => {
  let folder: string
  const run = async (command: string) => (await execute('bash', ['-c', command], { cwd: folder, env, maxBuffer: 64e6 })).stdout
  const lastLine = (output: string) => output.trimEnd().split('\n').at(-1) ?? ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'imago-clone-'))
    await execute('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, folder])
  })
  afterAll(async () => await rm(folder, { recursive: true }))

  test('does the main job, as the README begins', async () => {
    const { rollouts } = JSON.parse(lastLine(await run('npm ci && npm start -- --json'))) as { rollouts: { outcome: string }[] }
    expect(rollouts.map((one) => one.outcome)).toEqual(['promoted', 'promoted', 'rolled-back', 'rolled-back'])
  })

  test('passes what CI runs, and stays clean', async () => {
    expect(lastLine(await run('.ci/run'))).toMatch(/^\d+ passed, 0 failed, \d+ skipped$/)
    expect(await run('git status --porcelain')).toBe('')
  })
})
