import type { FileCursor } from './source.ts'

/** Cursor keys that are not paths begin with `#`; transcript paths are absolute. */
export const LIST_KEY = '#list'
export const COMPANION_PREFIX = '#companion:'

const isCursor = (value: unknown): value is FileCursor => {
  if (typeof value !== 'object' || value === null) return false
  const { inode, offset, size, head, headBytes } = value as Record<string, unknown>
  return (
    typeof inode === 'string' &&
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(size) &&
    typeof head === 'string' &&
    Number.isSafeInteger(headBytes)
  )
}

/** Positions by path. A value of another shape (an older version's) is left out: that file is read again. */
export const cursorsOf = (stored: ReadonlyMap<string, unknown>): Map<string, FileCursor> => {
  const cursors = new Map<string, FileCursor>()
  for (const [key, value] of stored) if (key.startsWith('/') && isCursor(value)) cursors.set(key, value)
  return cursors
}
