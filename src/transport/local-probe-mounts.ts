import { statfs } from 'node:fs/promises'
import { fieldsOf, linesOf } from './local-files.ts'

const LOCAL = /^(ext[234]|xfs|btrfs|zfs|f2fs|jfs|reiserfs|bcachefs|vfat|exfat|ntfs3?|hfsplus|apfs|ufs|erofs|squashfs)$/
const MEMORY = /^(overlay|tmpfs|rootfs)$/
const MEMORY_PLACES = new Set(['/', '/tmp', '/dev/shm', '/run'])
const MOST = 40

/** Names of `stat -f` for the numbers of the kernel. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext2/ext3'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0xf2f52010, 'f2fs'],
  [0x3153464a, 'jfs'],
  [0x4d44, 'msdos'],
  [0x2011bab0, 'exfat'],
  [0x73717368, 'squashfs'],
  [0xe0f5e1e2, 'erofs'],
  [0x794c7630, 'overlayfs'],
  [0x01021994, 'tmpfs'],
])

/** Places of local filesystems, each device once: a dead network mount is never touched. */
export const localMounts = (mounts: readonly string[]): readonly string[] => {
  const [devices, places] = [new Set<string>(), new Set<string>()]
  for (const line of mounts) {
    const [device = '', place = '', type = ''] = fieldsOf(line)
    if (places.has(place)) continue
    const local = LOCAL.test(type) && !device.startsWith('/dev/loop') && !devices.has(device)
    if (local) devices.add(device)
    if (local || (MEMORY.test(type) && MEMORY_PLACES.has(place))) places.add(place)
  }
  return [...places].filter((place) => !place.includes('\\')).slice(0, MOST)
}

// A disk that does not answer holds one thread, never a second one.
let asking = false

/** The `fs` section; null when a place cannot be told as `stat -f` would. */
export const mountSection = async (): Promise<readonly string[] | null> => {
  if (asking) return null
  asking = true
  const lines: string[] = []
  try {
    for (const place of localMounts(linesOf('/proc/mounts'))) {
      const { type, bsize, blocks, bfree, bavail, files, ffree } = await statfs(place)
      // The kernel's number is a signed word on some machines.
      const name = NAMES.get(type >>> 0)
      if (name === undefined) return null
      lines.push([name, bsize, blocks, bfree, bavail, files, ffree, place].join('\t'))
    }
    return lines
  } catch {
    return null
  } finally {
    asking = false
  }
}
