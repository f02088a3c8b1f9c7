import type { Warning } from './rows.ts'

/** A question to whoever owns the store. */
export interface AskRequest {
  readonly topic: string
  readonly params: Readonly<Record<string, unknown>>
}

export type BegunAnew = Pick<Warning, 'message' | 'fix'>

/** The answer of a named query, before any envelope. */
export interface Reply {
  readonly topic: string
  readonly version: number
  readonly generatedAt: string
  readonly data: unknown
  /** Source name to whole seconds since it last succeeded; empty: none of them ever did. Absent: it rests on no source. */
  readonly staleness?: Readonly<Record<string, number>>
  /** `<code>: <sentence> (<what to do>)`. */
  readonly warnings?: readonly string[]
  /** Also among the warnings: the database took the place of one that backups remember. Its fix names a path, which may hold any letter. */
  readonly begunAnew?: BegunAnew
  /** Also in a warning: machines asked for that stand in the configuration file, which was changed and is not loaded. */
  readonly notLoaded?: readonly string[]
}

/** Every surface reads through this; it cannot tell whether the daemon or this process answers. */
export interface Reader {
  readonly carrier: 'socket' | 'embedded' | 'state_file'
  ask(request: AskRequest): Promise<Reply>
  close(): Promise<void>
}
