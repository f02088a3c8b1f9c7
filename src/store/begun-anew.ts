import { basename } from 'node:path'
import type { BegunAnew } from '../core/carrier.ts'
import { shellWord } from '../core/shell-word.ts'
import { type BackupFile, listBackups } from './backup-files.ts'

/** Whatever is older than the database itself is a backup of another one. */
export const isOfEarlier = (backup: BackupFile, begunAt: Date | null): boolean =>
  begunAt !== null && madeAt(backup) < begunAt.getTime() - CLOCK_MS

// A name keeps its time when the file is copied. It has no fractions of a second.
const CLOCK_MS = 1_000
const STAMP = /^vc-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.duckdb$/
const madeAt = ({ path, madeAt: touched }: BackupFile): number => {
  const named = Date.parse(basename(path).replace(STAMP, '$1-$2-$3T$4:$5:$6Z'))
  return Number.isNaN(named) ? touched.getTime() : named
}

/**
 * What to say while a database that was begun anew has taken the place of one that backups remember: it was lost, moved or
 * forgotten in a move, and answers would otherwise pass over all that was known. Null when there is nothing to say. Whoever
 * keeps to the new one puts the older backups elsewhere.
 */
export const begunAnew = async (store: {
  readonly dataDir: string
  readonly begunAt: Date | null
}): Promise<BegunAnew | null> => {
  const lost = (await listBackups(store.dataDir)).find((backup) => isOfEarlier(backup, store.begunAt))
  if (lost === undefined) return null
  const since = store.begunAt?.toISOString().replace(/:\d\d\.\d+Z$/, 'Z')
  return {
    message: `the database was begun empty at ${since}; what was known before is in a backup`,
    fix: `bring it back: vc daemon stop, then vc db restore ${shellWord(lost.path)}; or, to keep to the new one, move the older backups elsewhere`,
  }
}
