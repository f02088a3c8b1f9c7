import { type Dirent, type Stats, statSync } from 'node:fs'
import { type EntryKind, type Found, findEntry, kindOf } from './entries.ts'
import type { Watch } from './folder-watches.ts'

/** One name in a folder. */
export interface Child {
  readonly name: string
  readonly path: string
  readonly is: EntryKind
}

/** What tells a folder, and a state of its names, from another. */
export type Marks = Pick<Stats, 'dev' | 'ino' | 'mtimeMs' | 'ctimeMs'>

/** What lay in a folder. */
export interface Known {
  readonly marks: Marks
  /** When its names were read, or looked at by its times while it was watched. */
  readonly readAtMs: number
  readonly children: readonly Child[]
  /** How its children were found since then; null where it was not watched. */
  readonly found: Map<string, Found | null> | null
}

/** A folder that was asked for. */
export interface Folder {
  readonly path: string
  known: Known | null
  watch: Watch | null
  /** Which one it was at the last look. */
  dev: number
  ino: number
  /** Question that asked for it last, and when; and when one before did. */
  question: number
  metAtMs: number
  metBeforeMs: number
  /** Newest time of it and of what was found in it, by the clock of files. */
  changedMs: number
  /** When its watcher told of a change. */
  stirredAtMs: number
}

const NEVER = Number.NEGATIVE_INFINITY

export const newFolder = (path: string, question: number, metAtMs: number): Folder => ({
  path,
  known: null,
  watch: null,
  dev: 0,
  ino: 0,
  question,
  metAtMs,
  metBeforeMs: NEVER,
  changedMs: NEVER,
  stirredAtMs: NEVER,
})

export const marksOf = (dir: string): Marks => {
  const { dev, ino, mtimeMs, ctimeMs } = statSync(dir)
  return { dev, ino, mtimeMs, ctimeMs }
}

export const areSame = (a: Marks, b: Marks): boolean =>
  a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs && a.ino === b.ino && a.dev === b.dev

export const childOf = (dir: string, entry: Dirent): Child => ({
  name: entry.name,
  path: `${dir}/${entry.name}`,
  is: kindOf(entry),
})

/** What stands at a path in it: looked at each time, while it is watched only once. */
export const findIn = (folder: Folder, known: Known, path: string): Found | null => {
  const before = known.found?.get(path)
  if (before !== undefined) return before
  const found = findEntry(path)
  known.found?.set(path, found)
  if (found !== null && found.changedMs > folder.changedMs) folder.changedMs = found.changedMs
  return found
}
