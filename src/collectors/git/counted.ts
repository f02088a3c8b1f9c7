import type { Counted } from './parse.ts'

/** What a checkout's head was counted to be, and on which UTC day. Lives in the cursor; the url in it is already safe. */
export interface Remembered extends Counted {
  readonly oid: string
  readonly day: string
  readonly repoId: string
}

export const utcDay = (at: Date): string => at.toISOString().slice(0, 10)

/** The cursor `counted` read back, by top level; entries that make no sense are left out. */
export const decodeCounted = (value: unknown): ReadonlyMap<string, Remembered> => {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return new Map(entries.flatMap(([top, entry]) => (isRemembered(entry) ? [[top, entry] as const] : [])))
}

const isRemembered = (value: unknown): value is Remembered =>
  typeof value === 'object' &&
  value !== null &&
  'oid' in value &&
  typeof value.oid === 'string' &&
  'day' in value &&
  typeof value.day === 'string' &&
  'repoId' in value &&
  typeof value.repoId === 'string' &&
  // what an older vc remembered had no activity: it is counted anew
  'activity' in value

/** The head vc already counted today in the checkout a directory belongs to; '' when it must be counted. */
export const knownHead = (dir: string, counted: ReadonlyMap<string, Remembered>, today: string): string => {
  const tops = [...counted.keys()].filter((top) => dir === top || dir.startsWith(top === '/' ? top : `${top}/`))
  const nearest = tops.sort((a, b) => b.length - a.length)[0]
  const entry = nearest === undefined ? undefined : counted.get(nearest)
  return entry !== undefined && entry.day === today ? entry.oid : ''
}
