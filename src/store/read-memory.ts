import type { PlainRow } from './db.ts'

interface Remembered {
  readonly version: number
  readonly rows: readonly PlainRow[]
}

interface Kept extends Remembered {
  readonly usedMs: number
}

interface UnderWay {
  readonly version: number
  readonly rows: Promise<PlainRow[]>
}

const MAX_ANSWERS = 100
const MAX_ROWS = 20_000
/** Of all answers together. */
const MAX_KEPT_ROWS = 60_000
/** What nobody asked for so long was about a minute that is over. */
const UNUSED_MS = 3 * 60_000

/**
 * Answers kept until one of their tables is written. The owner is the only writer, so nothing else can change them; an
 * answer that was under way while a table changed is not kept. Who asks while the same is being read gets that answer.
 */
export const openReadMemory = (nowMs: () => number = () => performance.now()) => {
  const versions = new Map<string, number>()
  // The least used come first.
  const answers = new Map<string, Kept>()
  const underWay = new Map<string, UnderWay>()
  // The sum only grows, so that it changes whenever one of the tables does.
  const versionOf = (tables: readonly string[]): number =>
    tables.reduce((sum, table) => sum + (versions.get(table) ?? 0), 0)
  let kept = 0
  const drop = (key: string): void => {
    kept -= answers.get(key)?.rows.length ?? 0
    answers.delete(key)
  }
  const keep = (key: string, answer: Remembered): void => {
    drop(key)
    if (answer.rows.length > MAX_ROWS) return
    answers.set(key, { ...answer, usedMs: nowMs() })
    kept += answer.rows.length
    const until = nowMs() - UNUSED_MS
    for (const [least, { usedMs }] of answers) {
      if (answers.size <= MAX_ANSWERS && kept <= MAX_KEPT_ROWS && usedMs > until) return
      drop(least)
    }
  }
  return {
    /** Says that rows of these tables may have changed. */
    touch(tables: Iterable<string>): void {
      for (const table of tables) versions.set(table, (versions.get(table) ?? 0) + 1)
    },
    /** The kept answer, else what `read` brings. The array is the caller's own, its rows are shared. */
    async recall(key: string, tables: readonly string[], read: () => Promise<PlainRow[]>): Promise<PlainRow[]> {
      const version = versionOf(tables)
      const known = answers.get(key)
      if (known?.version === version) {
        keep(key, known)
        return [...known.rows]
      }
      const sought = underWay.get(key)
      if (sought?.version === version) return [...(await sought.rows)]
      const reading = { version, rows: read() }
      underWay.set(key, reading)
      try {
        const rows = await reading.rows
        keep(key, { version, rows })
        return [...rows]
      } finally {
        if (underWay.get(key) === reading) underWay.delete(key)
      }
    },
  }
}

export type ReadMemory = ReturnType<typeof openReadMemory>
