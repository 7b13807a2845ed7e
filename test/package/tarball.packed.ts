import { expect, inject, test } from 'vitest'
import { subpaths } from '../../tools/subpaths.ts'

const packed = inject('packed')
const paths = packed.files.map((file) => file.path)

test('the tarball has at most 300 kB', () => {
  expect(packed.size).toBeLessThanOrEqual(300_000)
})

test('the tarball holds the built files and what npm always adds', () => {
  const others = paths.filter((path) => !path.startsWith('dist/'))
  expect(others.toSorted()).toEqual(['LICENSE', 'README.md', 'package.json'])
})

test('every built entry is a published subpath, a process of the local provider, or the schema of the events', () => {
  const published = [...subpaths.keys()].map((name) => name.replace(/^imago\/?/, '') || 'index')
  const wanted = [
    ...published.flatMap((name) => [`dist/${name}.js`, `dist/${name}.d.ts`]),
    'dist/events.schema.json',
    'dist/local-balancer.js',
    'dist/local-daemon.js',
  ]
  const shared = /^dist\/(?:.*-)?[A-Za-z0-9_-]{8}\.(?:js|d\.ts)$/
  expect(paths).toEqual(expect.arrayContaining(wanted))
  const unknown = paths.filter((path) => path.startsWith('dist/') && !wanted.includes(path) && !shared.test(path))
  expect(unknown).toEqual([])
})
