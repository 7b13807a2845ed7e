import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import { subpaths } from '../../tools/subpaths.ts'

const run = promisify(execFile)

test('the names that a program can import are those of names.txt', async () => {
  const listed = [...subpaths.keys()].map(async (name) => {
    const program = `import * as it from '${name}'; console.log(Object.keys(it).sort().join('\\n'))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program], { cwd: inject('user') })
    return `${name}\n${stdout.replace(/^(?=.)/gm, '  ')}`
  })
  await expect((await Promise.all(listed)).join('\n')).toMatchFileSnapshot('names.txt')
})
