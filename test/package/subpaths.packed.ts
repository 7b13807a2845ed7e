import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import { root, subpaths } from '../../tools/subpaths.ts'

const run = promisify(execFile)
const user = inject('user')
const names = [...subpaths.keys()]

test.for(names)('%s can be imported', async (name) => {
  expect(await exportsOf('module', `import * as it from '${name}'; console.log(Object.keys(it).length)`)).toBeGreaterThan(0)
})

test.for(names)('%s can be required', async (name) => {
  expect(await exportsOf('commonjs', `console.log(Object.keys(require('${name}')).length)`)).toBeGreaterThan(0)
})

test('the schema of the events can be imported', async () => {
  const program = `import schema from 'imago/events.schema.json' with { type: 'json' }; console.log(Object.keys(schema.definitions).length)`
  expect(await exportsOf('module', program)).toBeGreaterThan(0)
})

test('the types of every subpath compile strictly, with no cloud SDK installed', async () => {
  const lines = names.map((name, index) => `import * as it${index} from '${name}'\nexport { it${index} }`)
  await writeFile(join(user, 'all.ts'), lines.join('\n'))
  const options = [
    '--strict',
    '--skipLibCheck',
    'false',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--target',
    'es2023',
  ]
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const result = await run(tsc, [...options, '--types', 'node', '--noEmit', 'all.ts'], { cwd: user }).catch(
    (error: unknown) => error,
  )
  expect(result).toMatchObject({ stdout: '' })
})

/** The number that a program of this kind prints, run in the user's folder. */
async function exportsOf(kind: 'module' | 'commonjs', program: string): Promise<number> {
  const { stdout } = await run(process.execPath, [`--input-type=${kind}`, '-e', program], { cwd: user })
  return Number(stdout)
}
