import { posix } from 'node:path'
import { at, importsOf, type Finding, type Rule, type SourceText } from '../rule.ts'

/** What each layer may import beside itself. `front` is what lies directly in src: it composes the public face. */
const BELOW: Readonly<Record<string, readonly string[]>> = {
  core: [],
  strategies: ['core'],
  engine: ['core', 'strategies'],
  stores: ['core'],
  metrics: ['core'],
  reporters: ['core'],
  testing: ['core', 'strategies', 'engine', 'stores'],
  front: ['core', 'strategies', 'engine', 'stores', 'metrics', 'reporters'],
  cli: ['core', 'strategies', 'engine', 'stores', 'metrics', 'reporters', 'front'],
}

/** The layer of a file; each provider and each folder outside the library is a layer of its own. */
function layerOf(path: string): string {
  const [top = '', second = '', third] = path.split('/')
  if (top === 'src') return third === undefined ? 'front' : second
  return top === 'providers' ? `providers/${second}` : top
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true
  if (from.startsWith('providers/')) return to === 'core'
  return BELOW[from]?.includes(to) ?? false
}

/** Where a relative import leads. */
function target(file: SourceText, name: string): string {
  return posix.join(posix.dirname(file.path), name)
}

function wrongImports(file: SourceText): Finding[] {
  const from = layerOf(file.path)
  return importsOf(file).flatMap(({ name, node }) => {
    const relative = name.startsWith('.')
    const wrong = relative
      ? !mayImport(from, layerOf(target(file, name)))
      : from !== 'examples' && /^(?:vitest|imago)(?:\/|$)/.test(name)
    return wrong ? [at(file, node, `${from} imports ${name}`)] : []
  })
}

/** Imports point down only. */
export const layers: Rule = {
  holds: 'imports point down only: core, strategies, engine; stores, metrics, reporters and providers know core alone',
  remedy:
    'Move the shared part down into core, or hand it in as an argument. Examples import by package name (imago, imago/local); only tests import vitest.',
  check: (files) => files.filter((file) => /^(?:src|providers|examples)\/.*\.ts$/.test(file.path)).flatMap(wrongImports),
  bad: [
    { 'src/core/a.ts': "import { b } from '../engine/b.ts'" },
    { 'src/strategies/a.ts': "export type { B } from '../engine/b.ts'" },
    { 'src/stores/a.ts': "const b = import('../engine/b.ts')" },
    { 'providers/one/a.ts': "import { b } from '../two/b.ts'" },
    { 'providers/one/a.ts': "let b: import('../../src/engine/b.ts').B" },
    { 'src/testing/a.ts': "import { test } from 'vitest'" },
    { 'src/engine/a.ts': "import { b } from '../../tools/b.ts'" },
    { 'examples/a.ts': "import { b } from '../src/core/b.ts'" },
  ],
  good: {
    'src/engine/a.ts': "import { b } from '../core/b.ts'\nimport c from 'p-retry'",
    'src/index.ts': "export { b } from './engine/b.ts'",
    'providers/one/deep/a.ts': "import { b } from '../../../src/core/b.ts'\nimport { c } from '../c.ts'",
    'examples/a.ts': "import { b } from 'imago'\nimport { c } from './c.ts'",
    'test/a.test.ts': "import { test } from 'vitest'\nimport { b } from '../src/core/b.ts'",
  },
}

/** No file imports itself by way of others, types included. */
export const cycles: Rule = {
  holds: 'no file imports itself by way of others',
  remedy: 'Move what both sides need into a third file that imports neither.',
  check(files) {
    const byPath = new Map(files.map((file) => [file.path, file]))
    const closed = new Set<string>()
    return files.flatMap((file) => cyclesFrom(file, [], byPath, closed))
  },
  bad: [
    {
      'src/core/a.ts': "import './b.ts'",
      'src/core/b.ts': "import './c.ts'",
      'src/core/c.ts': "import type { A } from './a.ts'",
    },
    { 'providers/one/a.ts': "export * from './a.ts'" },
  ],
  good: { 'src/core/a.ts': "import './b.ts'\nimport './c.ts'", 'src/core/b.ts': "import './c.ts'", 'src/core/c.ts': '' },
}

/** Depth first; a file whose imports were all followed is closed and never entered again. */
function cyclesFrom(
  file: SourceText,
  trail: readonly string[],
  byPath: ReadonlyMap<string, SourceText>,
  closed: Set<string>,
): Finding[] {
  if (closed.has(file.path)) return []
  const here = [...trail, file.path]
  const found = importsOf(file).flatMap(({ name, node }) => {
    const next = name.startsWith('.') ? byPath.get(target(file, name)) : undefined
    if (next === undefined) return []
    const start = here.indexOf(next.path)
    if (start >= 0) return [at(file, node, [...here.slice(start), next.path].join(' > '))]
    return cyclesFrom(next, here, byPath, closed)
  })
  closed.add(file.path)
  return found
}
