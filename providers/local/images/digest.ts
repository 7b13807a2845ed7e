import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { rolloutError } from '../../../src/core/errors.ts'

/** Write bits say nothing about an image: once imported it has none. */
const MODE_BITS = 0o555

/** One thing in an image's folder; `path` is relative, with `/`. */
export interface ImageEntry {
  readonly path: string
  readonly kind: 'folder' | 'file' | 'link'
  readonly mode: number
  readonly bytes: number
  /** Changes whenever content or mode does, and cannot be set back. */
  readonly changedAt: number
}

/** All that is in a folder, in one order. @throws RolloutError `image-invalid` for devices, sockets and pipes. */
export async function listImage(root: string): Promise<ImageEntry[]> {
  const entries: ImageEntry[] = []
  const visit = async (path: string): Promise<void> => {
    const found = await lstat(join(root, path))
    const kind = found.isDirectory() ? 'folder' : found.isFile() ? 'file' : found.isSymbolicLink() ? 'link' : undefined
    if (kind === undefined) throw badImage(root, `${path} is neither a file, a folder nor a link`)
    entries.push({ path, kind, mode: found.mode & MODE_BITS, bytes: found.size, changedAt: found.ctimeMs })
    if (kind !== 'folder') return
    for (const name of (await readdir(join(root, path))).toSorted()) await visit(path === '' ? name : `${path}/${name}`)
  }
  await visit('')
  return entries
}

/**
 * The id of the image in a folder: a digest over names, bytes, modes and link targets.
 *
 * @throws RolloutError `image-invalid` for a link that leads out of the folder or nowhere.
 */
export async function imageDigest(root: string, entries?: readonly ImageEntry[]): Promise<string> {
  const hash = createHash('sha256').update('imago local image 1\n')
  for (const entry of entries ?? (await listImage(root))) {
    // A folder's own root mode is its importer's, not the image's.
    if (entry.path === '') continue
    hash.update(
      `${JSON.stringify([entry.path, entry.kind, entry.kind === 'link' ? 0 : entry.mode, entry.kind === 'file' ? entry.bytes : 0])}\n`,
    )
    if (entry.kind === 'file') await addBytes(hash, join(root, entry.path))
    if (entry.kind === 'link') hash.update(`${JSON.stringify(await linkTarget(root, entry.path))}\n`)
  }
  return `sha256-${hash.digest('hex')}`
}

/** What is cheap to look at and cannot stay the same when the content changes. */
export function fingerprintOf(entries: readonly ImageEntry[]): string {
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex')
}

async function addBytes(hash: Hash, file: string): Promise<void> {
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
}

async function linkTarget(root: string, path: string): Promise<string> {
  const target = await readlink(join(root, path))
  if (isAbsolute(target)) throw badImage(root, `the link ${path} is absolute`)
  const [base, end] = await Promise.all([realpath(root), realpath(join(root, path)).catch(() => undefined)])
  if (end === undefined) throw badImage(root, `the link ${path} leads nowhere`)
  const inside = relative(base, end)
  if (inside === '..' || inside.startsWith('../') || isAbsolute(inside))
    throw badImage(root, `the link ${path} leads out of the folder`)
  return target
}

/** An error about an image that cannot be imported or launched. */
export function badImage(image: string, why: string) {
  return rolloutError('image-invalid', `The image ${image} cannot be used: ${why}.`, { image, why })
}
