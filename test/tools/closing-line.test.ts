import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from '../../tools/subpaths.ts'

const run = promisify(execFile)

/** What a run of these files says, and how it ends. */
async function runOf(files: Readonly<Record<string, string>>, ...more: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'imago-closing-line-'))
  try {
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    await writeFile(join(folder, 'vitest.config.mjs'), 'export default {}')
    for (const [name, text] of Object.entries(files))
      await writeFile(join(folder, name), `import { describe, test } from 'vitest'\n${text}`)
    const program = [join(root, 'tools', 'test.ts'), '--root', folder, '--config', join(folder, 'vitest.config.mjs'), ...more]
    const ended = await run(process.execPath, program, { cwd: folder }).catch(
      (error: unknown) => error as { code: number; stdout: string },
    )
    return { code: 'code' in ended ? ended.code : 0, lines: ended.stdout.trimEnd().split('\n') }
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('a good run ends with its counts alone on the last line, each skip with its reason before', async () => {
  const { code, lines } = await runOf({
    'a.test.ts': "test('a', () => {})\ntest('b', (context) => context.skip('needs a moon'))",
  })
  expect(lines.at(-1)).toBe('1 passed, 0 failed, 1 skipped')
  expect(lines).toContain('skipped: b: needs a moon')
  expect(code).toBe(0)
})

test('a failed test, a file that does not load and an error that nobody caught are one failure each', async () => {
  const { code, lines } = await runOf({
    'a.test.ts': "test('a', () => {})\ntest('b', () => { throw new Error('b') })",
    'b.test.ts': "import './nowhere.ts'",
    'c.test.ts':
      "test('c', () => { setTimeout(() => { throw new Error('late') }, 5); return new Promise((done) => setTimeout(done, 100)) })",
  })
  expect(lines.at(-1)).toBe('2 passed, 3 failed, 0 skipped')
  expect(code).toBe(1)
})

test('a skip without a reason is a failure', async () => {
  const { code, lines } = await runOf({ 'a.test.ts': "test('a', () => {})\ndescribe.skip('b', () => { test('c', () => {}) })" })
  expect(lines.at(-1)).toBe('1 passed, 1 failed, 1 skipped')
  expect(code).toBe(1)
})

test('a run without any test is no success', async () => {
  const { code, lines } = await runOf({})
  expect(lines.at(-1)).toBe('0 passed, 0 failed, 0 skipped')
  expect(code).toBe(1)
})

test('who asks for tests by name needs no reason for the others', async () => {
  const { code, lines } = await runOf({ 'a.test.ts': "test('one', () => {})\ntest('two', () => {})" }, '-t', 'one')
  expect(lines.at(-1)).toBe('1 passed, 0 failed, 1 skipped')
  expect(code).toBe(0)
})
