import { EXIT, usageError, VcError } from '../core/errors.ts'

/** Longer than any question a person writes; parsing cost grows with it. */
const MAX_SQL_CHARS = 1_000_000

const BLANK = /[\s\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]/u

/** Where the text begins once blanks and comments are skipped. Block comments nest, as in the engine's own lexer. */
export const startOfWords = (sql: string, from = 0): number => {
  let at = from
  while (at < sql.length) {
    if (BLANK.test(sql[at] ?? '')) at += 1
    else if (sql.startsWith('--', at)) at = endOfLine(sql, at)
    else if (sql.startsWith('/*', at)) at = endOfBlock(sql, at)
    else return at
  }
  return at
}

const endOfLine = (sql: string, from: number): number => {
  const end = sql.slice(from).search(/[\r\n]/)
  return end === -1 ? sql.length : from + end + 1
}

const endOfBlock = (sql: string, from: number): number => {
  let depth = 0
  for (let at = from; at < sql.length; at += 1) {
    if (sql.startsWith('/*', at)) {
      depth += 1
      at += 1
    } else if (sql.startsWith('*/', at)) {
      depth -= 1
      at += 1
      if (depth === 0) return at + 1
    }
  }
  return sql.length
}

/** The first word in capitals, `(` for a bracket, '' when there is none. */
export const firstWord = (sql: string): string => {
  const start = startOfWords(sql)
  if (sql[start] === '(') return '('
  return (/^[A-Za-z_]+/.exec(sql.slice(start))?.[0] ?? '').toUpperCase()
}

const READS = new Set('( SELECT FROM WITH VALUES TABLE SHOW DESCRIBE DESC SUMMARIZE PIVOT UNPIVOT EXPLAIN'.split(' '))

const CHANGES = 'vc query only reads; rows are written by vc itself, and old ones go by retention'
const FILES = 'the query may touch no files: print to a file instead, vc query --format csv "SELECT …" > out.csv'
const SESSION = 'every query runs alone, with settings that cannot be changed; write it as one SELECT'

/** What each refused word is answered with: what to write instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  COPY: FILES,
  EXPORT: 'for a copy of everything: vc db backup',
  IMPORT: 'to bring back a backup: vc db restore <file>',
  ATTACH: 'the query sees one database; open other files with their own tool',
  DETACH: 'the query sees one database and keeps it',
  USE: 'the query sees one database; name tables as they are: vc query --tables',
  PRAGMA: 'ask the catalogue instead: vc query --tables, DESCRIBE <table>, FROM duckdb_columns()',
  CALL: 'write the function in a FROM: SELECT * FROM duckdb_tables()',
  SET: SESSION,
  RESET: SESSION,
  INSTALL: 'extensions stay off; json, icu and parquet functions are built in',
  LOAD: 'extensions stay off; json, icu and parquet functions are built in',
  CHECKPOINT: 'vc writes its log back by itself; for a copy: vc db backup',
  VACUUM: 'vc keeps the file in order by itself',
  ANALYZE: 'vc keeps the file in order by itself',
  PREPARE: SESSION,
  EXECUTE: SESSION,
  DEALLOCATE: SESSION,
  BEGIN: SESSION,
  START: SESSION,
  COMMIT: SESSION,
  ROLLBACK: SESSION,
  CREATE: 'put the intermediate result into the query: WITH name AS (SELECT …) SELECT …',
}

export const refuseStatement = (word: string): VcError =>
  new VcError(
    'query_refused',
    `${word || 'this'} is not a question: vc query takes one SELECT (or EXPLAIN of one)`,
    INSTEAD[word] ?? CHANGES,
    {
      exitCode: EXIT.refused,
    },
  )

/** Words that change or leave the database, as opposed to a slip of the pen. */
const KNOWN = new Set([
  ...Object.keys(INSTEAD),
  ...'INSERT UPDATE DELETE MERGE TRUNCATE DROP ALTER COMMENT REPLACE UPSERT'.split(' '),
])

/**
 * The half of the first layer that needs no engine: nothing empty, nothing cut off by a NUL, and a first word that
 * begins a question. A word nobody knows passes: the parser says where it is wrong.
 */
export const refuseText = (sql: string): void => {
  const nul = sql.indexOf('\u0000')
  if (nul !== -1) {
    throw new VcError(
      'query_refused',
      `character ${nul + 1} of the query is a NUL: what follows it would be hidden from the check`,
      'take that character out',
      { exitCode: EXIT.refused },
    )
  }
  if (sql.length > MAX_SQL_CHARS) {
    throw usageError(
      'query_too_long',
      `the query has ${sql.length} characters; ${MAX_SQL_CHARS} are allowed`,
      'put long lists into a join',
    )
  }
  if (startOfWords(sql) >= sql.length || /^[;\s]*$/.test(sql.slice(startOfWords(sql)))) {
    throw usageError('query_empty', 'there is no query', 'vc query "SELECT * FROM machines"; tables: vc query --tables')
  }
  const word = firstWord(sql)
  if (!READS.has(word) && KNOWN.has(word)) throw refuseStatement(word)
}

/** `EXPLAIN` with `FORMAT` at most: what it explains, or the refusal of an ANALYZE. Null when it is no EXPLAIN. */
export const explained = (sql: string): { readonly head: string; readonly rest: string } | null => {
  if (firstWord(sql) !== 'EXPLAIN') return null
  const after = startOfWords(sql) + 'EXPLAIN'.length
  const start = startOfWords(sql, after)
  const options = /^\(([^()]*)\)/.exec(sql.slice(start))
  const words = (options?.[1] ?? sql.slice(start)).toUpperCase()
  if (options ? /\bANALY[SZ]E\b/.test(words) : /^ANALY[SZ]E\b/.test(words)) {
    throw new VcError(
      'query_refused',
      'EXPLAIN ANALYZE runs the statement it explains',
      'write EXPLAIN without ANALYZE, or run the SELECT itself',
      { exitCode: EXIT.refused },
    )
  }
  const format = options ? /^\s*FORMAT\s+([A-Za-z]+)\s*$/i.exec(options[1] ?? '') : null
  if (format) return { head: `EXPLAIN (FORMAT ${format[1]}) `, rest: sql.slice(start + (options?.[0].length ?? 0)) }
  return { head: 'EXPLAIN ', rest: sql.slice(start) }
}
