import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freeBytesAt } from './space.ts'

const LEAVES_BYTES = 64 * 1_048_576
const OWN = /^vc-copy-[A-Za-z0-9]{6}$/
/** No copy is used for so long: one that is older was left by a killed process. */
const LEFT_AFTER_MS = 7_200_000

/**
 * A folder of one's own on another disk, or in memory, for a copy of so many bytes that goes again in some minutes; null where
 * none has room. The copy takes a quarter of what is free there at most. Whoever asked removes the folder.
 */
export const roomElsewhere = async (
  bytes: number,
  places: readonly string[] = [tmpdir(), '/dev/shm'],
): Promise<string | null> => {
  for (const place of places) {
    await clearLeft(place)
    const free = await freeBytesAt(place).catch(() => 0)
    if (free < Math.max(4 * bytes, bytes + LEAVES_BYTES)) continue
    const made = await mkdtemp(join(place, 'vc-copy-')).catch(() => null)
    if (made !== null) return made
  }
  return null
}

/** In a folder that is shared with others a name alone proves nothing. */
const clearLeft = async (place: string): Promise<void> => {
  for (const name of await readdir(place).catch(() => [])) {
    if (!OWN.test(name)) continue
    const path = join(place, name)
    const found = await lstat(path).catch(() => null)
    if (!found?.isDirectory() || found.uid !== process.getuid?.()) continue
    if (found.mtimeMs < Date.now() - LEFT_AFTER_MS) await rm(path, { recursive: true, force: true })
  }
}
