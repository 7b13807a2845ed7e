import {
  chmod,
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { callFailed, rolloutError } from '../../../src/core/errors.ts'
import type { ImageAlias, ImageDetails, ImageProvenance, ImageRef } from '../../../src/core/image.ts'
import { isDiskFull, replaceFile, systemCode } from '../files.ts'
import { makeFolders, type LocalPaths } from '../paths.ts'
import { badImage, fingerprintOf, imageDigest, listImage } from './digest.ts'
import { localRef, localScheme } from './ref.ts'

/** What may be said about an image while it is imported. */
export interface ImportOptions {
  /** A name that points to this image from now on: `web:latest`. @default - none */
  readonly tag?: string
  /** @default - none */
  readonly labels?: Readonly<Record<string, string>>
  /** @default - only when it was imported */
  readonly provenance?: ImageProvenance
}

/** An image that is in the store. */
export interface StoredImage extends ImageDetails {
  readonly ref: ImageRef
  readonly tags: readonly string[]
}

/** How long an import may lie unfinished before another one clears it away. */
const ABANDONED_AFTER_MS = 3_600_000

/**
 * Copies a folder into the store, read-only, under the digest of what was copied. Done twice it changes nothing but the tag.
 *
 * @throws RolloutError `image-invalid`, or `host-unfit` when the disk is full; nothing is left of the copy then.
 */
export async function importImage(paths: LocalPaths, folder: string, options: ImportOptions, now: number): Promise<StoredImage> {
  if (!(await isFolder(folder))) throw badImage(folder, 'there is no such folder')
  makeFolders(paths)
  await clearAbandoned(paths, now)
  const copy = await mkdtemp(join(paths.images, '.import-'))
  try {
    await copyTree(folder, copy)
    const id = await imageDigest(copy)
    await settle(paths, copy, id)
    const details = { labels: options.labels ?? {}, provenance: { createdAt: now, ...options.provenance } }
    if (!existsSync(detailsFile(paths, id)) || options.labels !== undefined)
      replaceFile(detailsFile(paths, id), JSON.stringify(details))
    if (options.tag !== undefined) replaceFile(tagFile(paths, options.tag), id)
    return await readImage(paths, id)
  } catch (fault) {
    if (!isDiskFull(fault)) throw fault
    const why = `the disk of ${paths.images} is full`
    throw rolloutError('host-unfit', `${folder} was not imported: ${why}. Free some space and import it again.`, { why }, fault)
  } finally {
    await removeTree(copy)
  }
}

/** All images of the store, by id. */
export async function listImages(paths: LocalPaths): Promise<StoredImage[]> {
  const names = await readdir(paths.images).catch(() => [])
  const ids = names.filter((name) => localScheme.recognise(name) !== undefined).toSorted()
  return await Promise.all(ids.map((id) => readImage(paths, id)))
}

/** One image. @throws RolloutError `call-failed` of class `not-found`. */
export async function readImage(paths: LocalPaths, id: string): Promise<StoredImage> {
  if (!existsSync(join(paths.images, id))) throw notFound(`There is no image ${id} in ${paths.images}; import its folder first.`)
  const text = await readFile(detailsFile(paths, id), 'utf8').catch(() => '{"labels":{},"provenance":{}}')
  return { ref: localRef(id), ...(JSON.parse(text) as ImageDetails), tags: await tagsOf(paths, id) }
}

/** What a tag points to now. @throws RolloutError `call-failed` of class `not-found`, or `image-invalid` for another kind of alias. */
export async function resolveTag(paths: LocalPaths, alias: ImageAlias): Promise<ImageRef> {
  if (alias.kind !== 'tag') throw badImage(alias.alias, `the local cloud knows tags only, not the kind "${alias.kind}"`)
  const id = await readFile(tagFile(paths, alias.alias), 'utf8').catch(() => undefined)
  if (id === undefined) throw notFound(`No image has the tag "${alias.alias}"; import one with it first.`)
  return localRef(id)
}

/** Looks whether an image is still what its id says. A second look at an unchanged folder is cheap. */
export function imageVerifier(paths: LocalPaths): (id: string) => Promise<string | undefined> {
  const known = new Map<string, string>()
  return async (id) => {
    const root = join(paths.images, id)
    if (!existsSync(root)) return `the image ${id} is not in the store any more`
    const entries = await listImage(root)
    const fingerprint = fingerprintOf(entries)
    if (known.get(id) === fingerprint) return undefined
    if ((await imageDigest(root, entries)) !== id) return `the image ${id} was changed after its import`
    known.set(id, fingerprint)
    return undefined
  }
}

/** Deletes a tree whose folders may be read-only. An absent one is no error. */
export async function removeTree(root: string): Promise<void> {
  if (await isFolder(root)) await makeWritable(root)
  await rm(root, { recursive: true, force: true })
}

async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name))
  }
}

async function copyTree(from: string, to: string): Promise<void> {
  for (const entry of await listImage(from)) {
    const target = join(to, entry.path)
    if (entry.kind === 'link') await symlink(await readlink(join(from, entry.path)), target)
    else if (entry.kind === 'file') await copyFile(join(from, entry.path), target, constants.COPYFILE_FICLONE)
    else if (entry.path !== '') await mkdir(target)
    if (entry.kind === 'file') await chmod(target, entry.mode)
  }
  await protect(from, to)
}

/** Folders lose their write bits last, innermost first. */
async function protect(from: string, to: string): Promise<void> {
  const folders = (await listImage(to)).filter((entry) => entry.kind === 'folder' && entry.path !== '')
  for (const { path } of folders.toReversed()) await chmod(join(to, path), (await stat(join(from, path))).mode & 0o555)
}

async function settle(paths: LocalPaths, copy: string, id: string): Promise<void> {
  const home = join(paths.images, id)
  try {
    await rename(copy, home)
  } catch (fault) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(fault) ?? '')) throw fault
  }
  await chmod(home, 0o500)
}

async function clearAbandoned(paths: LocalPaths, now: number): Promise<void> {
  for (const name of await readdir(paths.images)) {
    const path = join(paths.images, name)
    const found = name.startsWith('.import-') ? await stat(path).catch(() => undefined) : undefined
    if (found !== undefined && now - found.mtimeMs > ABANDONED_AFTER_MS) await removeTree(path)
  }
}

async function tagsOf(paths: LocalPaths, id: string): Promise<string[]> {
  const names = (await readdir(paths.tags).catch(() => [])).filter((name) => name.endsWith('.tag'))
  const pointsHere = await Promise.all(names.map(async (name) => (await readFile(join(paths.tags, name), 'utf8')) === id))
  return names.filter((_name, index) => pointsHere[index]).map((name) => decodeURIComponent(name.slice(0, -'.tag'.length)))
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

function tagFile(paths: LocalPaths, name: string): string {
  return join(paths.tags, `${encodeURIComponent(name)}.tag`)
}

function detailsFile(paths: LocalPaths, id: string): string {
  return join(paths.images, `${id}.json`)
}

function notFound(message: string) {
  return callFailed('not-found', 'resolve', message)
}
