import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root, subpaths } from '../../tools/subpaths.ts'

const manifest = read('package.json') as { exports: Record<string, unknown>; scripts: Record<string, string> }

/** What is published beside programs. */
const FILES = { './events.schema.json': './dist/events.schema.json', './package.json': './package.json' }

test('package.json exports each subpath of tsconfig.json by name, with its types, and nothing else but two files', () => {
  const entries = [...subpaths.keys()].map((name) => {
    const file = name.replace(/^imago\/?/, '') || 'index'
    return [name.replace('imago', '.'), { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` }]
  })
  expect(manifest.exports).toEqual({ ...Object.fromEntries(entries), ...FILES })
})

test('the reference documents every subpath', () => {
  const { entryPoints } = read('typedoc.json') as { entryPoints: readonly string[] }
  expect(entryPoints.map((path) => join(root, path)).toSorted()).toEqual([...subpaths.values()].toSorted())
})

test('the source of every subpath is there', () => {
  expect([...subpaths.values()].filter((source) => !existsSync(source))).toEqual([])
})

test('every file that a script names is there', () => {
  const named = Object.values(manifest.scripts).flatMap((script) => script.match(/\S+\.(?:ts|mjs|cjs)\b/g) ?? [])
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

function read(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}
