import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root, subpaths } from '../../tools/subpaths.ts'
import type { Block } from './document.ts'

const run = promisify(execFile)

/** What the compiler says about these blocks, each a module of its own; empty when all is well. */
export async function compile(blocks: readonly Block[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'imago-snippets-'))
  try {
    const options = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noUnusedLocals: false,
        typeRoots: [join(root, 'node_modules', '@types')],
        paths: Object.fromEntries([...subpaths].map(([name, source]) => [name, [source]])),
      },
      include: ['*.ts'],
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(options))
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    for (const block of blocks)
      await writeFile(join(folder, `${block.where.replace(/\W/g, '-')}.ts`), `${block.text}\nexport {}\n`)
    const { stdout } = await run(join(root, 'node_modules', '.bin', 'tsc'), ['-p', folder]).catch(
      (error: unknown) => error as { stdout: string },
    )
    return stdout
  } finally {
    await rm(folder, { recursive: true })
  }
}
