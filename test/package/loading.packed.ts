import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, inject, test } from 'vitest'

const run = promisify(execFile)
const user = inject('user')

/** Prints the URL of every module as it is resolved. */
const LISTING_HOOK = `
import { registerHooks } from 'node:module'
registerHooks({ resolve(name, context, next) { const found = next(name, context); console.log(found.url); return found } })
`

test("import 'imago' loads its own files and three small packages, no cloud SDK and no HTTP client", async () => {
  await writeFile(join(user, 'listing.mjs'), LISTING_HOOK)
  const { stdout } = await run(process.execPath, ['--import', './listing.mjs', '--input-type=module', '-e', "import 'imago'"], {
    cwd: user,
  })
  const packages = stdout.matchAll(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//g)
  const foreign = new Set([...packages].map(([, name]) => name).filter((name) => name !== 'imago'))
  // is-network-error belongs to p-retry.
  expect(['eventemitter3', 'is-network-error', 'p-retry', 'valibot']).toEqual(expect.arrayContaining([...foreign]))
})
