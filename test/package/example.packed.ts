import { execFile } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'
import { root } from '../../tools/subpaths.ts'
import { firstExample } from '../docs/examples.ts'

const run = promisify(execFile)

test('the first example of README.md runs where nothing but the package is installed', async () => {
  const user = inject('user')
  await cp(join(root, 'examples'), join(user, 'examples'), { recursive: true })
  const example = firstExample()
  expect(example, 'README.md opens with an example').toBeDefined()
  const { stdout } = await run(process.execPath, [example ?? ''], { cwd: user })
  expect(stdout).not.toBe('')
})
