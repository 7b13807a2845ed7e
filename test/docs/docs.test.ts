import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../tools/subpaths.ts'
import { commandsIn, faultOf, isRun } from './commands.ts'
import { blocksIn, DOCUMENTS, inlineCode, textOf } from './document.ts'
import { examples, firstExample } from './examples.ts'
import { compile } from './snippets.ts'

describe.for([...DOCUMENTS])('%s', (document) => {
  const text = textOf(document)
  const blocks = blocksIn(text, document)

  test('is there, with a title', () => {
    expect(text).toMatch(/^# \S/)
  })

  test('names only commands that exist', () => {
    const shell = blocks
      .filter((block) => ['sh', 'bash', 'shell'].includes(block.language))
      .flatMap((block) => commandsIn(block.text))
    const inline = inlineCode(text).filter((code) => /^(?:npm|npx|node) /.test(code))
    const faults = [...shell, ...inline]
      .map((command) => ({ command, fault: faultOf(command) }))
      .filter((one) => one.fault !== undefined)
    expect(faults).toEqual([])
  })

  test('names only files that exist', () => {
    const paths = inlineCode(text).filter((code) => /^(?:src|providers|examples|test|tools|bench|\.ci)\/[\w./-]*$/.test(code))
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  test('says in each block what language it is in', () => {
    expect(blocks.filter((block) => block.language === '').map((block) => block.where)).toEqual([])
  })

  test('shows TypeScript that compiles', async () => {
    const shown = blocks.filter((block) => ['ts', 'typescript'].includes(block.language))
    expect(shown.length === 0 ? '' : await compile(shown)).toBe('')
  })
})

test('the first TypeScript of README.md is word for word an example', () => {
  expect(firstExample(), 'README.md opens with the whole text of one file of examples/').toBeDefined()
})

test('every example is run by a test or a script, or used by one that is', () => {
  const used = [...examples.values()].flatMap((text) =>
    [...text.matchAll(/'(?:\.\.?\/)+([\w./-]+\.ts)'/g)].map((match) => match[1] ?? ''),
  )
  // The first one is run by test/package/example.packed.ts, whichever it is.
  const idle = [...examples.keys()].filter(
    (path) => path !== firstExample() && !isRun(path) && !used.some((name) => path.endsWith(`/${name}`)),
  )
  expect(idle).toEqual([])
})

describe('what these tests would find', () => {
  const text =
    '# A\n\n```sh\nnpm ci && npm run nothing # why\nnode examples/nowhere.ts\n```\n\n```ts\nconst a: string = 1\n```\nand `npm tset`.\n'
  const blocks = blocksIn(text, 'A.md')

  test('commands that are not there', () => {
    expect(commandsIn(blocks[0]?.text ?? '')).toEqual(['npm ci', 'npm run nothing', 'node examples/nowhere.ts'])
    expect(faultOf('npm ci')).toBeUndefined()
    expect(faultOf('npm run nothing')).toContain('no script "nothing"')
    expect(faultOf('npm tset')).toContain('no script "tset"')
    expect(faultOf('node examples/nowhere.ts')).toContain('there is no')
    expect(faultOf('frobnicate --all')).toContain('no command')
    expect(inlineCode(text)).toEqual(['npm tset'])
  })

  test('TypeScript that does not compile', async () => {
    expect(blocks[1]?.where).toBe('A.md:8')
    expect(await compile(blocks.slice(1))).toContain("Type 'number' is not assignable to type 'string'")
  })
})
