import { copyFile, link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

export interface BackupFile {
  readonly path: string
  readonly bytes: number
  readonly madeAt: Date
}

/** `20261121T031700Z`: sorts by time, and needs no quoting anywhere. */
export const fileStamp = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, '')

/** Backups of a data directory, newest first. Unfinished ones (`.tmp`) are none. */
export const listBackups = async (dataDir: string): Promise<readonly BackupFile[]> => {
  const dir = join(dataDir, 'backups')
  const names = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.duckdb'))
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(dir, name)
      const found = await stat(path).catch(() => null)
      return found?.isFile() ? [{ path, bytes: found.size, madeAt: found.mtime }] : []
    }),
  )
  return files.flat().sort((a, b) => b.madeAt.getTime() - a.madeAt.getTime())
}

/**
 * Removes all but the newest `keep`, and whatever an interrupted backup left behind; of those that are `spared` the newest
 * stays all the same. The one that was just `made` is the newest, whatever a clock that was ahead wrote to older ones. Returns
 * the paths removed.
 */
export const pruneBackups = async (
  dataDir: string,
  keep: number,
  spared: (backup: BackupFile) => boolean = () => false,
  made = '',
): Promise<readonly string[]> => {
  const dir = join(dataDir, 'backups')
  const left = (await readdir(dir))
    .filter((name) => /\.duckdb\.tmp(\.still)?(\.wal)?$/.test(name))
    .map((name) => join(dir, name))
  // Only our own names: a file that a person put there is theirs.
  const own = (await listBackups(dataDir)).filter(({ path }) => /\/vc-\d{8}T\d{6}Z\.duckdb$/.test(path))
  const last = own.find(spared)
  const newestFirst = own.toSorted((a, b) => Number(b.path === made) - Number(a.path === made))
  const old = newestFirst.slice(keep).filter((backup) => backup !== last)
  const gone = [...left, ...old.map(({ path }) => path)]
  for (const path of gone) await rm(path, { force: true })
  return gone
}

/** Makes what was written to a file, or the names in a folder, survive a power cut. */
export const syncPath = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A finished file takes its name only when its bytes are on the disk. */
export const settleFile = async (from: string, to: string, dir: string): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  await syncPath(from)
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EXDEV') throw error
    // On another disk; nobody may take half a copy for the file.
    await copyFile(from, `${to}.part`)
    await syncPath(`${to}.part`)
    await rename(`${to}.part`, to)
    await rm(from)
  })
  await syncPath(dir)
}

/**
 * The file keeps its name until another takes it: killed in between, it is still there, and nobody begins an empty one. Where
 * a file system knows no second names it is moved.
 */
export const keepAside = (from: string, to: string): Promise<void> => link(from, to).catch(() => rename(from, to))

/** The write-ahead log of a database file: what is committed and not yet in the file. */
export const logOf = (dbPath: string): string => `${dbPath}.wal`

/** Size in bytes, or null when there is no such file. */
export const sizeOf = async (path: string): Promise<number | null> => (await stat(path).catch(() => null))?.size ?? null
