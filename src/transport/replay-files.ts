import { existsSync, lstatSync, readFileSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sha256 } from '../core/ids.ts'
import type { ReplayManifest } from './replay-manifest.ts'
import { type ReplayClock, setClock } from './replay-template.ts'
import { querySqlite } from './sqlite.ts'

/** What a played script prints; null when this machine has nothing to say about it. */
export type Played = { readonly stdout: Uint8Array; readonly exitCode: number } | null

interface FileTree {
  readonly root: string
  /** Where databases are built from their SQL text; made when first needed. */
  readonly scratch: () => string
  readonly facts: ReplayManifest['files']
  readonly openedMs: number
}

const said = (text: string): Played => ({ stdout: Buffer.from(text), exitCode: 0 })

/** Answers the transport's own asks (stat, range, sqlite) from a folder that stands for the machine's disk. */
export function playFileAsk(tree: FileTree, ask: string, args: readonly string[]): Played {
  if (ask === 'vc.stat') return said(statText(tree, args))
  if (ask === 'vc.range') return rangeBytes(tree, args)
  if (ask === 'vc.sqlite') return sqliteText(tree, args)
  return null
}

interface Entry {
  readonly inode: string
  readonly mode: number
  readonly mtimeMs: number
  readonly bytes: () => Uint8Array
  readonly size: number
}

/** The file that stands for this path. A database may be recorded as the SQL that makes it (`x.db.sql` for `x.db`). */
const onDisk = (tree: FileTree, path: string): string => {
  const file = join(tree.root, normalize(`/${path}`))
  return existsSync(`${file}.sql`) && !existsSync(file) ? databaseFrom(tree, `${file}.sql`) : file
}

// Its rows are as old as the marks say at the moment playing began.
function databaseFrom({ scratch, openedMs }: FileTree, sqlFile: string): string {
  const file = join(scratch(), `${sha256(sqlFile).slice(0, 16)}.db`)
  if (existsSync(file)) return file
  const database = new DatabaseSync(file)
  database.exec(setClock(readFileSync(sqlFile, 'utf8'), { nowMs: openedMs, openedMs }))
  database.close()
  return file
}

function entryOf(tree: FileTree, path: string): Entry | null {
  const file = onDisk(tree, path)
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found === undefined) return null
  const facts = tree.facts[path]
  // The clock of files stands still, so that a file keeps its size and content while it is played.
  const clock: ReplayClock = { nowMs: tree.openedMs, openedMs: tree.openedMs }
  const bytes = (): Uint8Array =>
    facts?.template ? Buffer.from(setClock(readFileSync(file, 'utf8'), clock)) : readFileSync(file)
  const size = found.isFile() && facts?.template ? bytes().length : found.size
  const mtimeMs = tree.openedMs - (facts?.mtimeAgoS ?? 60) * 1000
  return { inode: String(found.ino), mode: found.mode, mtimeMs, bytes, size }
}

function statText(tree: FileTree, paths: readonly string[]): string {
  const entries = paths.map((path) => entryOf(tree, path))
  const words = entries.map((entry) => (entry === null ? 'missing' : 'there'))
  const facts = entries.flatMap((entry) => (entry === null ? [] : [factLine(entry)]))
  return `${[...words, ...(facts.length > 0 ? ['all', ...facts] : [])].join('\n')}\n`
}

const factLine = ({ inode, size, mode, mtimeMs }: Entry): string =>
  `g ${inode} ${size} ${Math.floor(mtimeMs / 1000)} ${mode.toString(16)} ${new Date(mtimeMs).toISOString().replace('T', ' ').replace('Z', ' +0000')}`

function rangeBytes(tree: FileTree, [path = '', offset, most, inode]: readonly string[]): Played {
  const entry = entryOf(tree, path)
  if (entry === null) return said('missing\n')
  if ((entry.mode & 0o170000) !== 0o100000) return said('irregular\n')
  if (inode && inode !== entry.inode) return said('changed\n')
  const part = entry.bytes().subarray(Number(offset), Number(offset) + Number(most))
  return { stdout: Buffer.concat([Buffer.from(`raw ${entry.inode} ${entry.size}\n`), part]), exitCode: 0 }
}

// JSON has no whole numbers beyond 2^53 as values, but it does as text, as sqlite3 prints them.
const jsonOf = (rows: readonly unknown[]): string =>
  JSON.stringify(rows, (_, value: unknown) => (typeof value === 'bigint' ? `@whole:${value}` : value)).replace(
    /"@whole:(-?\d+)"/g,
    '$1',
  )

function sqliteText(tree: FileTree, [path = '', sql = '']: readonly string[]): Played {
  if (entryOf(tree, path) === null) return said('missing\n')
  const answer = querySqlite({ path: onDisk(tree, path), sql })
  return answer.is === 'rows' ? said(`rows\n${jsonOf(answer.rows)}`) : { stdout: Buffer.from('rows\n'), exitCode: 1 }
}
