import type { Sighting } from '../../core/agent.ts'
import type { FileStat } from '../../core/ask.ts'
import type { SessionFact } from '../transcripts/source.ts'

/** What is known of one database after a look. JSON-safe: dates inside sightings come back as text. */
export interface DbCursor {
  /** Inodes, sizes and times of the database and its write-ahead log at that look. */
  readonly stamp: string
  readonly inode: string
  /** Newest change that was read, and the id it was read up to. */
  readonly updatedMs: number
  readonly id: string
  readonly sessionsMs: number
  /** Assistant rows whose model call had not ended. */
  readonly unfinished: readonly string[]
  /** More pages wait. */
  readonly behind: boolean
  /** The files changed at the last look: one more look, since two changes may share a time stamp. */
  readonly restless: boolean
  readonly sightings: readonly { readonly session: SessionFact; readonly sighting: Sighting }[]
}

export const cursorKey = (dbPath: string): string => `db:${dbPath}`

const EMPTY_CURSOR: DbCursor = {
  stamp: '',
  inode: '',
  updatedMs: -1,
  id: '',
  sessionsMs: 0,
  unfinished: [],
  behind: false,
  restless: false,
  sightings: [],
}

/** A cursor of an older or damaged shape is no cursor: everything is read again, which changes no total. */
export const readCursor = (value: unknown): DbCursor => {
  if (typeof value !== 'object' || value === null) return EMPTY_CURSOR
  const merged = { ...EMPTY_CURSOR, ...value }
  const sound =
    Number.isSafeInteger(merged.updatedMs) &&
    Number.isSafeInteger(merged.sessionsMs) &&
    typeof merged.id === 'string' &&
    Array.isArray(merged.unfinished) &&
    merged.unfinished.every((id) => typeof id === 'string') &&
    Array.isArray(merged.sightings)
  return sound ? merged : EMPTY_CURSOR
}

/** One text that differs when either file differs. */
export const stampOf = (stats: readonly FileStat[]): string =>
  stats.map((stat) => ('inode' in stat ? `${stat.inode}:${stat.size}:${stat.mtimeMs}` : stat.is)).join('|')
