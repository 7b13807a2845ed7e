import { statfs } from 'node:fs/promises'

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
export async function fileSystemOf(folder: string): Promise<string> {
  const { type } = await statfs(folder)
  return NAMES[type] ?? `0x${type.toString(16)}`
}

/** Whether what is synchronised there is gone with the power. */
export function isInMemory(fileSystem: string): boolean {
  return fileSystem === 'tmpfs' || fileSystem === 'ramfs'
}
