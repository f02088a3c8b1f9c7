import { decodeUtf8 } from '../../core/text.ts'
import { parseJson } from './parse.ts'

/** A file as `stat` told it; `stamp` changes when the file does. */
export interface FileMark {
  readonly stamp: string
  readonly size: number
  readonly changedS: number
}

/** What stands in a .beads folder. */
export interface Project {
  /** Path of the .beads folder itself, links resolved. */
  readonly path: string
  readonly backend: 'bd' | 'br' | 'jsonl'
  /** bd keeps its data in a server: starting bd might start that server. */
  readonly server: boolean
  readonly projectId: string | null
  readonly jsonlName: string
  readonly jsonl: FileMark | null
  /** The SQLite database of br with its write-ahead log, or the manifest of bd's embedded database. */
  readonly database: FileMark | null
}

export type Looked =
  | { readonly is: 'project'; readonly project: Project }
  | { readonly is: 'same'; readonly path: string }
  | { readonly is: 'none' | 'missing' | 'denied' }

export interface LookText {
  /** By position of the directory, from 1. */
  readonly looked: ReadonlyMap<number, Looked>
  readonly complete: boolean
}

/** Cuts the answer of LOOK_SCRIPT by its own nonce; null when it is none. Never throws. */
export function parseLook(stdout: Uint8Array): LookText | null {
  const text = decodeUtf8(stdout)
  const nonce = /^vc-beads 1 ([0-9a-f]{16})\n/.exec(text)?.[1]
  if (nonce === undefined) return null
  const parts = text.split(`\u001e${nonce} `).slice(1)
  const complete = parts.at(-1) === 'end'
  const looked = new Map<number, Looked>()
  for (const part of complete ? parts.slice(0, -1) : parts) {
    const [head = '', ...fields] = part.split(`\u001f${nonce}`)
    const index = /^P (\d{1,5})$/.exec(head)?.[1]
    if (index !== undefined) looked.set(Number(index), lookedOf(fields))
  }
  return { looked, complete }
}

function lookedOf([kind = '', path = '', ...rest]: readonly string[]): Looked {
  if (kind === 'same' && path.startsWith('/')) return { is: 'same', path }
  if (kind === 'missing' || kind === 'denied') return { is: kind }
  if (kind !== 'project' || !path.startsWith('/')) return { is: 'none' }
  const [metadata = '', jsonlName = '', jsonl = '', sqlite = '', manifest = ''] = rest
  return { is: 'project', project: projectOf(path, metadataOf(metadata), { jsonlName, jsonl, sqlite, manifest }) }
}

interface Metadata {
  readonly backend: string | null
  readonly server: boolean
  readonly projectId: string | null
}

function metadataOf(text: string): Metadata {
  const root = parseJson(text)
  const fields: Readonly<Record<string, unknown>> = typeof root === 'object' && root !== null ? { ...root } : {}
  const string = (name: string): string | null => (typeof fields[name] === 'string' ? (fields[name] as string) : null)
  return {
    backend: string('backend'),
    server: string('dolt_mode') === 'server',
    projectId: string('project_id') || null,
  }
}

interface Files {
  readonly jsonlName: string
  readonly jsonl: string
  readonly sqlite: string
  readonly manifest: string
}

function projectOf(path: string, metadata: Metadata, files: Files): Project {
  const sqlite = marksOf(files.sqlite)
  const isBd = metadata.backend === 'dolt' || (metadata.backend === null && files.manifest !== '')
  const backend = isBd ? 'bd' : sqlite !== null ? 'br' : 'jsonl'
  return {
    path,
    backend,
    server: metadata.server,
    projectId: metadata.projectId,
    jsonlName: files.jsonlName === 'beads.jsonl' ? 'beads.jsonl' : 'issues.jsonl',
    jsonl: marksOf(files.jsonl),
    database: backend === 'bd' ? manifestMark(files.manifest) : sqlite,
  }
}

/** Times say how new it is, contents whether it changed: bd touches its files when it only reads. */
function manifestMark(text: string): FileMark | null {
  const [stat = '', contents = ''] = text.split('|')
  const mark = marksOf(stat)
  return mark === null ? null : { ...mark, stamp: contents.trim() }
}

const MARK = /(?:^|\s)(\d+) (\d{1,15}) (\d{1,12}) ([\d.: +-]+)/g

const secondsOf = (mark: RegExpMatchArray): number => Number(`${mark[3]}${/\.\d{1,9}/.exec(mark[4] ?? '')?.[0] ?? ''}`)

/** One mark of one file, or of a database and its log together. */
function marksOf(text: string): FileMark | null {
  const found = [...text.matchAll(MARK)]
  if (found.length === 0) return null
  return {
    stamp: text.trim(),
    size: Number(found[0]?.[2]),
    changedS: Math.max(...found.map(secondsOf)),
  }
}
