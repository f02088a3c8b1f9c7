/** A question to whoever owns the store. */
export interface AskRequest {
  readonly topic: string
  readonly params: Readonly<Record<string, unknown>>
}

/** The answer of a named query, before any envelope. */
export interface Reply {
  readonly topic: string
  readonly version: number
  readonly generatedAt: string
  readonly data: unknown
  /** Source name to whole seconds since it last succeeded. */
  readonly staleness?: Readonly<Record<string, number>>
  /** `<code>: <sentence> (<what to do>)`. */
  readonly warnings?: readonly string[]
}

/** Every surface reads through this; it cannot tell whether the daemon or this process answers. */
export interface Reader {
  readonly carrier: 'socket' | 'embedded' | 'state_file'
  ask(request: AskRequest): Promise<Reply>
  close(): Promise<void>
}
