/** Tokens of one session in vc's convention: input excludes cache, output includes reasoning. */
export interface SessionTruth {
  messages: number
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
  reasoning: number
  total: number
}

/** What a corpus really holds, by session id; `canaries` are words that no row, cursor or log may contain. */
export interface CorpusTruth {
  readonly seed: number
  readonly sessions: Record<string, SessionTruth>
  readonly canaries: readonly string[]
}

export const noTokens = (): SessionTruth => ({
  messages: 0,
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  reasoning: 0,
  total: 0,
})

/** Adds one message to a session; creates the session when it is new. */
export const addTruth = (
  sessions: Record<string, SessionTruth>,
  sessionId: string,
  tokens: Omit<SessionTruth, 'messages' | 'total'>,
): void => {
  const entry = sessions[sessionId] ?? noTokens()
  sessions[sessionId] = entry
  entry.messages += 1
  entry.input += tokens.input
  entry.output += tokens.output
  entry.cacheRead += tokens.cacheRead
  entry.cacheWrite += tokens.cacheWrite
  entry.reasoning += tokens.reasoning
  entry.total += tokens.input + tokens.output + tokens.cacheRead + tokens.cacheWrite
}
