import assert from 'node:assert/strict'
import { entries, type StoreTest } from './kit.ts'

/** Names as clouds and people make them: marks that are wildcards, separators or escapes somewhere, and other scripts. */
const ODD_NAMES = [
  'fleet/aws:123456789012/eu-west-1/web#2@blue',
  'fleet/aws:123456789012/eu-west-1/web#2@blue/part',
  'fleet/%_*?[a-z]',
  'fleet/%25',
  'fleet/..',
  'fleet/.',
  'fleet//double',
  'fleet/ space ',
  'fleet/+&=;\'"\\',
  'fleet/Web',
  'fleet/web',
  'fleet/Größe',
  'fleet/東京',
  'fleet/\uffe6',
  'fleet/🚀',
  'fleet/🚀1',
] as const

/** Names of streams, and the prefixes that find them. */
export function nameTests(test: StoreTest): void {
  test('tells odd names apart', async (store) => {
    for (const name of ODD_NAMES) assert.equal(await store.append(name, 1, [{ name }]), 'appended', name)
    for (const name of ODD_NAMES) assert.deepEqual(await store.read(name, 1), [{ name }], name)
  })

  test('lists the names that begin with a prefix, sorted, whatever is in them', async (store) => {
    const names = [...ODD_NAMES, 'fleets/other', 'fleet', 'Fleet/web', 'requests/fleet/web']
    for (const name of names) await store.append(name, 1, entries(1, 1))
    const prefixes = [
      '',
      'fleet',
      'fleet/',
      'fleet/%',
      'fleet/🚀',
      'fleet/aws:123456789012/eu-west-1/web#',
      'fleet/東',
      ...ODD_NAMES,
    ]
    for (const prefix of prefixes)
      assert.deepEqual(await store.list(prefix), names.filter((name) => name.startsWith(prefix)).sort(), prefix)
  })

  test('lists nothing where nothing is, and every stream once', async (store) => {
    assert.deepEqual(await store.list(''), [])
    await store.append('fleet/web', 1, entries(1, 3))
    await store.append('fleet/web', 4, entries(4, 4))
    assert.deepEqual(await store.list('fleet/'), ['fleet/web'])
    assert.deepEqual(await store.list('fleet/x'), [])
  })

  test('does not list a stream to which nothing was added, nor a cell', async (store) => {
    await store.append('fleet/web', 2, entries(2, 2))
    await store.compareAndSet('fleet/cell', undefined, 1)
    assert.deepEqual(await store.list(''), [])
  })

  test('lists many', async (store) => {
    const names = Array.from({ length: 60 }, (_, index) => `fleet/${index}`)
    for (const name of names) await store.append(name, 1, entries(1, 1))
    assert.deepEqual(await store.list('fleet/'), names.sort())
  })
}
