import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { root } from '../../tools/subpaths.ts'

const run = promisify(execFile)

/** What `npm pack` says of the tarball. */
export interface Packed {
  readonly filename: string
  /** Bytes of the tarball. */
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

declare module 'vitest' {
  interface ProvidedContext {
    /** A user's project: an empty folder into which the tarball was installed. */
    user: string
    packed: Packed
  }
}

/** Packs the package and installs it as a user would, outside the working tree, so that nothing of it is found by accident. */
export default async function install(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'imago-user-'))
  const user = join(folder, 'project')
  await mkdir(user)
  const { stdout } = await run('npm', ['pack', '--json', '--loglevel=error', '--pack-destination', folder], { cwd: root })
  const packed = firstOf(JSON.parse(stdout) as Packed[] | Record<string, Packed>)
  await writeFile(join(user, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await run('npm', ['install', join(folder, packed.filename), '--prefer-offline', '--ignore-scripts', '--loglevel=error'], {
    cwd: user,
  })
  // Types of Node itself are the one thing every user of TypeScript on Node has.
  await symlink(join(root, 'node_modules', '@types'), join(user, 'node_modules', '@types'))
  project.provide('user', user)
  project.provide('packed', packed)
  return () => rm(folder, { recursive: true })
}

/** npm answered with a list up to version 11, with an object by package name from 12 on. */
function firstOf(answer: Packed[] | Record<string, Packed>): Packed {
  const [packed] = Object.values(answer)
  if (packed === undefined) throw new Error('npm pack packed nothing')
  return packed
}
