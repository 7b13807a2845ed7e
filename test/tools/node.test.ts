import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { root, subpaths } from '../../tools/subpaths.ts'

const run = promisify(execFile)

/** What the check says and does under another version. */
async function checkUnder(version: string) {
  const said: string[] = []
  const codes: number[] = []
  const text = await readFile(join(root, 'tools', 'require-node.cjs'), 'utf8')
  runInNewContext(text, {
    process: { versions: { node: version }, execPath: '/usr/bin/node', exit: (code: number) => void codes.push(code) },
    console: { error: (line: string) => void said.push(line) },
  })
  return { said, codes }
}

test.for(['16.20.2', '18.20.8', '20.20.2', '22.17.1'])('Node %s gets one clear line', async (version) => {
  const { said, codes } = await checkUnder(version)
  expect(said).toEqual([expect.stringMatching(`Node 22.18 or newer; this is ${version}`)])
  expect(said[0]).not.toContain('\n')
  expect(codes).toEqual([1])
})

test.for(['22.18.0', '23.0.0', '24.21.0', '100.0.0'])('Node %s is let through', async (version) => {
  expect(await checkUnder(version)).toEqual({ said: [], codes: [] })
})

test('a program elsewhere imports imago from the sources by way of the hook', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'imago-source-'))
  try {
    const lines = [...subpaths.keys()].map((name) => `console.log(import.meta.resolve('${name}'))`)
    await writeFile(join(folder, 'program.mjs'), lines.join('\n'))
    const { stdout } = await run(process.execPath, ['--import', join(root, 'tools', 'source.mjs'), join(folder, 'program.mjs')])
    expect(stdout.trimEnd().split('\n')).toEqual([...subpaths.values()].map((source) => `file://${source}`))
  } finally {
    await rm(folder, { recursive: true })
  }
})
