import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** Magic numbers of file systems, as Linux has them. */
const NAMES: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x2fc12fc1: 'zfs',
  0x794c7630: 'overlay',
  0x6969: 'nfs',
  0x01021994: 'tmpfs',
  0x858458f6: 'ramfs',
}

/** The kind of file system that a folder is on. */
async function fileSystemOf(folder: string): Promise<string> {
  const { type } = await statfs(folder)
  return NAMES[type] ?? `0x${type.toString(16)}`
}

/** Whether what is synchronised there is gone with the power. */
function isInMemory(fileSystem: string): boolean {
  return fileSystem === 'tmpfs' || fileSystem === 'ramfs'
}

/** A folder of its own for a body, on a file system that keeps what it is given: here, or in `IMAGO_BENCH_FOLDER`. */
export async function onDisk<T>(body: (folder: string, fileSystem: string) => Promise<T>): Promise<T> {
  const parent = process.env['IMAGO_BENCH_FOLDER'] ?? '.'
  const fileSystem = await fileSystemOf(parent)
  if (isInMemory(fileSystem))
    throw new Error(`${parent} is on ${fileSystem}, where nothing is durable; name another folder in IMAGO_BENCH_FOLDER.`)
  const folder = await mkdtemp(join(parent, '.imago-bench-'))
  try {
    return await body(folder, fileSystem)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
