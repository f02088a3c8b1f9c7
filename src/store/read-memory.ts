import type { PlainRow } from './db.ts'

interface Remembered {
  readonly version: number
  readonly rows: readonly PlainRow[]
}

const MAX_ANSWERS = 100
const MAX_ROWS = 20_000

/**
 * Answers about now, kept until one of their tables is written. The owner is the only writer, so nothing else can change
 * them; an answer that was under way while a table changed is not kept.
 */
export const openReadMemory = () => {
  const versions = new Map<string, number>()
  const answers = new Map<string, Remembered>()
  // The sum only grows, so that it changes whenever one of the tables does.
  const versionOf = (tables: readonly string[]): number =>
    tables.reduce((sum, table) => sum + (versions.get(table) ?? 0), 0)
  const keep = (key: string, answer: Remembered): void => {
    answers.delete(key)
    if (answer.rows.length <= MAX_ROWS) answers.set(key, answer)
    if (answers.size > MAX_ANSWERS) answers.delete(answers.keys().next().value ?? '')
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
      const rows = await read()
      keep(key, { version, rows })
      return [...rows]
    },
  }
}

export type ReadMemory = ReturnType<typeof openReadMemory>
