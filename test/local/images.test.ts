import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { formatImageRef, parseImageRef } from '../../src/core/image.ts'
import { local, tag, type LocalCloud } from '../../providers/local/index.ts'
import { imageDigest } from '../../providers/local/images/digest.ts'
import { localScheme } from '../../providers/local/images/ref.ts'
import { createWeb, fixture, fleet, groupOf, healthy, temporaryCloud, temporaryHome, call } from './support.ts'

/** A folder with a file, a program, a folder and a link. */
function source(): string {
  const folder = mkdtempSync(join(tmpdir(), 'imago-source-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'lib'))
  writeFileSync(join(folder, 'lib', 'a.txt'), 'a')
  writeFileSync(join(folder, 'run'), '#!/bin/sh\n', { mode: 0o755 })
  symlinkSync('lib/a.txt', join(folder, 'link'))
  return folder
}

function copyOf(folder: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'imago-source-'))
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }))
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true })
  return copy
}

describe('the digest of an image', () => {
  test('is the same for the same names, bytes, modes and links, whenever and by whomever they were written', async () => {
    const folder = source()
    const copy = copyOf(folder)
    utimesSync(join(copy, 'run'), 1, 1)
    chmodSync(join(copy, 'run'), 0o555)
    expect(await imageDigest(copy)).toBe(await imageDigest(folder))
  })

  test.each<[string, (folder: string) => void]>([
    ['a byte', (folder) => writeFileSync(join(folder, 'lib', 'a.txt'), 'b')],
    ['a name', (folder) => cpSync(join(folder, 'run'), join(folder, 'run2'))],
    ['an empty folder', (folder) => mkdirSync(join(folder, 'empty'))],
    ['a mode', (folder) => chmodSync(join(folder, 'run'), 0o644)],
    ['a link target', (folder) => (rmSync(join(folder, 'link')), symlinkSync('run', join(folder, 'link')))],
  ])('changes with %s', async (_what, edit) => {
    const folder = source()
    const before = await imageDigest(folder)
    edit(folder)
    expect(await imageDigest(folder)).not.toBe(before)
  })
})

describe('an import', () => {
  test('keeps a read-only copy under the digest, with tag, labels and provenance', async () => {
    const cloud = temporaryCloud()
    const folder = source()
    const image = await cloud.images.import(folder, { tag: 'web:1', labels: { team: 'shop' }, provenance: { buildId: '7' } })
    expect(image).toMatchObject({ tags: ['web:1'], labels: { team: 'shop' }, provenance: { buildId: '7' } })
    expect(image.ref).toEqual({ scheme: 'local', id: await imageDigest(folder) })
    const kept = join(cloud.home, 'images', image.ref.id)
    for (const part of ['', 'lib', 'lib/a.txt', 'run']) expect(statSync(join(kept, part)).mode & 0o222, part).toBe(0)
    writeFileSync(join(folder, 'lib', 'a.txt'), 'changed')
    expect(await imageDigest(kept)).toBe(image.ref.id)
  })

  test('of the same content again only moves the tag', async () => {
    const cloud = temporaryCloud()
    const first = await cloud.images.import(source(), { tag: 'web:latest' })
    const again = await cloud.images.import(source())
    expect(again.ref).toEqual(first.ref)
    const other = source()
    writeFileSync(join(other, 'more'), '')
    await cloud.images.import(other, { tag: 'web:latest' })
    expect((await cloud.images.list()).map((image) => image.tags)).toContainEqual(['web:latest'])
    expect(await cloud.images.list()).toHaveLength(2)
    expect((await cloud.images.list()).find((image) => image.ref.id === first.ref.id)?.tags).toEqual([])
  })

  test.each<[string, RegExp, (folder: string) => void]>([
    ['a link out of the folder', /leads out of the folder/, (folder) => symlinkSync('../..', join(folder, 'out'))],
    ['an absolute link', /is absolute/, (folder) => symlinkSync(join(folder, 'run'), join(folder, 'out'))],
    ['a link to nothing', /leads nowhere/, (folder) => symlinkSync('nothing', join(folder, 'out'))],
    [
      'a link that leaves through another link',
      /leads out of the folder/,
      (folder) => (symlinkSync('..', join(folder, 'lib', 'up')), symlinkSync('lib/up/..', join(folder, 'out'))),
    ],
    ['a pipe', /neither a file, a folder nor a link/, (folder) => execFileSync('mkfifo', [join(folder, 'pipe')])],
  ])('refuses %s and leaves nothing', async (_what, why, edit) => {
    const cloud = temporaryCloud()
    const folder = source()
    edit(folder)
    await expect(cloud.images.import(folder)).rejects.toMatchObject({
      code: 'image-invalid',
      message: expect.stringMatching(why),
    })
    expect(readdirSync(join(cloud.home, 'images'))).toEqual([])
  })

  test('of a folder that is not there is refused by name', async () => {
    const missing = join(temporaryHome(), 'missing')
    await expect(temporaryCloud().images.import(missing)).rejects.toMatchObject({
      code: 'image-invalid',
      facts: { image: missing },
    })
  })
})

describe('a reference', () => {
  const id = `sha256-${'a'.repeat(64)}`

  test('is understood bare and in its one form', () => {
    expect(formatImageRef(parseImageRef(id, [localScheme]))).toBe(`local:${id}`)
    expect(parseImageRef(`local:${id}`, [localScheme])).toEqual({ scheme: 'local', id })
  })

  test.each(['local:web', `local:here/${id}`, `local:${id}@sha256-00`])('refuses %s', (text) => {
    expect(() => parseImageRef(text, [localScheme])).toThrow(expect.objectContaining({ code: 'image-invalid' }))
  })
})

describe('a changed image', () => {
  async function tampered(cloud: LocalCloud): Promise<string> {
    const { ref } = (await cloud.images.list())[0] ?? expect.fail('no image')
    const file = join(cloud.home, 'images', ref.id, 'server.mjs')
    chmodSync(file, 0o644)
    writeFileSync(file, 'process.exit(0)')
    return ref.id
  }

  test('is an obstacle to a plan', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud)
    const look = await cloud.describe(fleet(), call())
    await tampered(cloud)
    const base = Object.values(look.releases)[0] ?? expect.fail('no release')
    const { obstacles } = await cloud.resolve(fleet(), { base }, call())
    expect(obstacles).toEqual([expect.stringContaining('was changed after its import')])
  })

  test('is not launched again', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 1 })
    await healthy(cloud, 1)
    await tampered(cloud)
    await cloud.groups.resize('web', 2)
    await expect
      .poll(async () => (await groupOf(cloud))?.failures.last, { timeout: 20_000 })
      .toEqual({ class: 'invalid', message: expect.stringContaining('was changed after its import') })
  })
})

describe('resolve', () => {
  test('finds an image by tag, and a tag that moved later changes nothing', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    const wanted = await cloud.images.import(source(), { tag: 'web:latest' })
    const base = Object.values((await cloud.describe(fleet(), call())).releases)[0] ?? expect.fail('no release')
    const resolved = await cloud.resolve(fleet(), { base, image: tag('web:latest') }, call())
    expect(resolved).toMatchObject({
      alias: { alias: 'web:latest', kind: 'tag' },
      release: { image: wanted.ref, launch: base.launch },
    })
    expect(resolved.release.id).not.toBe(base.id)
    expect(resolved.obstacles).toEqual([])
  })

  test('of what is not there is not-found', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    const base = Object.values((await cloud.describe(fleet(), call())).releases)[0] ?? expect.fail('no release')
    const missing = { code: 'call-failed', facts: { class: 'not-found' } }
    await expect(cloud.resolve(fleet(), { base, image: tag('none') }, call())).rejects.toMatchObject(missing)
    await expect(cloud.resolve(fleet(), { base, image: `sha256-${'0'.repeat(64)}` }, call())).rejects.toMatchObject(missing)
  })

  test('lays changed settings over the old ones, and says what stands in the way', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0, env: { A: '1', B: '2' } })
    const base = Object.values((await cloud.describe(fleet(), call())).releases)[0] ?? expect.fail('no release')
    const changed = await cloud.resolve(
      fleet(),
      { base, launch: { env: { B: null, C: '3' }, health: { interval: '250ms' } } },
      call(),
    )
    expect(changed.sealed).toMatchObject({
      env: { A: '1', C: '3' },
      health: { path: '/health', intervalMs: 250, timeoutMs: 2_000 },
    })
    expect(changed.release.template).toBeUndefined()
    const without = await cloud.resolve(fleet(), { base, launch: { command: ['./bin/server'] } }, call())
    expect(without.obstacles).toEqual(['the program "./bin/server" is not in the image'])
    const plain = await cloud.resolve(fleet(), { base, launch: { command: ['./server.mjs'] } }, call())
    expect(plain.obstacles).toEqual(['the program "./server.mjs" is not an executable file'])
  })

  test('names every wrong setting and repeats no value', async () => {
    const cloud = temporaryCloud()
    await createWeb(cloud, { size: 0 })
    const base = Object.values((await cloud.describe(fleet(), call())).releases)[0] ?? expect.fail('no release')
    const launch = { env: { KEY: { secret: 'hunter2' } }, health: { interval: 'soon' }, speed: 9 }
    const fault: unknown = await cloud.resolve(fleet(), { base, launch }, call()).catch((error: unknown) => error)
    expect(fault).toMatchObject({ code: 'spec-invalid' })
    expect((fault as Error).message).toContain('launch.env.KEY')
    expect((fault as Error).message).toContain('launch.health.interval')
    expect((fault as Error).message).toContain('launch.speed')
    expect(JSON.stringify(fault)).not.toContain('hunter2')
  })
})

test('making a cloud touches nothing', () => {
  const home = join(temporaryHome(), 'not-made')
  local({ home })
  expect(() => statSync(home)).toThrow('ENOENT')
  expect(readdirSync(fixture('web'))).toEqual(['server.mjs'])
})
