import { open, rename, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Longer than any holder. What counts is that the disk has given it a block. */
const ROOM_BYTES = 1024

const roomOf = (dataDir: string): string => join(dataDir, 'tmp', 'lock.room')

/**
 * In the folder for scratch files a block of the disk is kept for the lock: on a disk that is full to its last
 * byte whoever starts could else not even say that it is.
 */
export const keepRoom = (dataDir: string): Promise<void> =>
  writeFile(roomOf(dataDir), ' '.repeat(ROOM_BYTES), { flag: 'wx', mode: 0o600 }).catch(() => undefined)

/** Writes a lock into the block that was kept; of several only one gets it. Rejects where none was kept. What bears that name is lost. */
export const writeInRoom = async (path: string, text: string): Promise<void> => {
  await rename(roomOf(dirname(path)), path)
  const file = await open(path, 'r+')
  try {
    await file.writeFile(text)
    await file.truncate(Buffer.byteLength(text))
  } catch (error) {
    await unlink(path).catch(() => undefined)
    throw error
  } finally {
    await file.close()
  }
}

/** A lock that is let go of leaves its block for the next. */
export const leaveRoom = (path: string): Promise<void> => rename(path, roomOf(dirname(path)))
