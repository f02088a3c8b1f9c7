import { isObject, type Json, parseObject } from '../agent-evidence/json.ts'
import { type Block, blockNamed } from './blocks.ts'

type Rows = readonly Readonly<Record<string, unknown>>[]

/** Rows of the databases, by the names of the queries. */
export type DatabaseRows = Readonly<Record<string, Rows>>

/** Registry files as they lie there; `file` names each. */
export const claudeSessions = (files: readonly { readonly pid: string; readonly text: string }[]): readonly Json[] =>
  files.flatMap(({ pid, text }) => {
    const json = parseObject(text)
    return json === null ? [] : [{ file: `${pid}.json`, ...json }]
  })

/** Threads that a background server of Codex runs; they do not end with their terminal. */
export const servedThreads = (blocks: readonly Block[]): readonly string[] =>
  blocks.filter(({ name }) => name === 'codex_served').flatMap(({ lines }) => lines)

export const codexState = (title: string | null, blocks: readonly Block[], rows: DatabaseRows): Json => ({
  title,
  socket_present: blockNamed(blocks, 'codex_socket') !== null,
  served: servedThreads(blocks),
  socket_reply: null,
  thread_turns: rows.turns ?? [],
  threads: rows.threads ?? [],
})

const objectsOf = (rows: DatabaseRows, kind: string): readonly Json[] =>
  (rows.own ?? []).flatMap((row) => {
    const json = row.kind === kind ? parseObject(row.row) : null
    return json === null ? [] : [json]
  })

export const ownOpencodeSession = (rows: DatabaseRows): string | null => {
  const id = objectsOf(rows, 'own')[0]?.id
  return typeof id === 'string' && /^\w{1,64}$/.test(id) ? id : null
}

/** Message and part rows, oldest first. */
export const opencodeTail = (rows: DatabaseRows): readonly unknown[] =>
  objectsOf(rows, 'record').toSorted((a, b) => Number(a.time_created) - Number(b.time_created))

export const opencodeState = (title: string | null, rows: DatabaseRows, log: readonly string[]): Json => ({
  title,
  sessions: objectsOf(rows, 'session'),
  events: (rows.events ?? []).filter(isObject),
  log_tail: log,
})
