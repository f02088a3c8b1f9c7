import type { Sighting } from '../../core/agent.ts'
import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import { MOST_TOKENS } from './ledger.ts'
import type { RepoOf } from './repo-of.ts'
import type { SessionFact } from './source.ts'

const date = (ms: number | null): Date | null => (ms === null ? null : new Date(ms))
const shown = (text: string | null, max = 256): string | null => (text === null ? null : displayText(text, max))

// A damaged or hostile record may claim any number; one the column refuses would keep all other rows out too.
const tokens = (count: number | null): number | null =>
  count !== null && Number.isInteger(count) && count >= 0 && count <= MOST_TOKENS ? count : null

export interface SessionFile {
  readonly machineId: string
  readonly cli: string
  readonly path: string
  readonly bytes: number
  /** The file vanished; what was read from it stays. */
  readonly gone: boolean
  readonly now: Date
  readonly repoOf: RepoOf
}

/** A row of `agent_sessions`. */
export const sessionRow = (fact: SessionFact, file: SessionFile): Row => ({
  machine_id: file.machineId,
  cli: file.cli,
  session_id: displayText(fact.sessionId),
  provider: shown(fact.provider, 64),
  parent_session_id: shown(fact.parentSessionId),
  is_subagent: fact.isSubagent,
  cwd: shown(fact.cwd, 4096),
  repo: file.repoOf(fact.cwd),
  git_branch: shown(fact.gitBranch),
  cli_version: shown(fact.cliVersion, 64),
  model: shown(fact.model),
  entrypoint: shown(fact.entrypoint, 64),
  started_at: date(fact.startedMs),
  last_activity_at: date(fact.lastActivityMs),
  context_tokens: tokens(fact.contextTokens),
  context_window_tokens: tokens(fact.contextWindowTokens),
  last_error: shown(fact.lastError, 128),
  last_error_at: date(fact.lastErrorMs),
  transcript_path: displayText(file.path, 4096),
  transcript_bytes: file.bytes,
  source_gone: file.gone,
  updated_at: file.now,
})

/** A row of `agent_sightings` of the transcript tier. */
export const sightingRow = (cli: string, session: SessionFact, sighting: Sighting): Row => ({
  cli,
  tier: sighting.tier,
  sighting_source: sighting.source,
  subject: `session:${displayText(session.sessionId)}`,
  pid: null,
  start_ticks: null,
  session_id: displayText(session.sessionId),
  pane_key: null,
  cwd: shown(session.cwd, 4096),
  cli_version: shown(session.cliVersion, 64),
  says: sighting.says,
  rule: sighting.rule,
  reason: shown(sighting.reason),
  as_of: new Date(sighting.asOf),
  since: sighting.since === null ? null : new Date(sighting.since),
  until_at: sighting.until === null ? null : new Date(sighting.until),
  gone: false,
})
