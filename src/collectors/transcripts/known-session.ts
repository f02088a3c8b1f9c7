import type { SessionFact } from './source.ts'

/** What a parser learned of a session so far. */
export type KnownSession = { -readonly [Key in keyof SessionFact]: SessionFact[Key] }

/** A session of which only the id is known. */
export const newSession = (sessionId: string, provider: string): KnownSession => ({
  sessionId,
  parentSessionId: null,
  isSubagent: false,
  provider,
  cwd: null,
  gitBranch: null,
  cliVersion: null,
  model: null,
  entrypoint: null,
  startedMs: null,
  lastActivityMs: null,
  contextTokens: null,
  contextWindowTokens: null,
  lastError: null,
  lastErrorMs: null,
})

/** File name without its folder and `.json` or `.jsonl`. */
export const stemOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/\.jsonl?$/, '')
