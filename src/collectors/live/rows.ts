import type { AgentCli, Sighting } from '../../core/agent.ts'
import type { Row } from '../../core/rows.ts'
import { displayText } from '../../core/text.ts'
import type { ThreadSighting } from '../agent-evidence/codex-threads.ts'
import type { OpencodeRun } from '../agent-evidence/opencode-log.ts'
import { isLiveRegistration, readClaudeRegistration } from '../agent-evidence/registry-claude.ts'
import type { RunOwners } from './opencode-runs.ts'
import type { RegistryFile } from './parse.ts'

export interface Subject {
  readonly pid?: number
  readonly startTicks?: number
  readonly sessionId?: string
  readonly paneKey?: string
  readonly cwd?: string | null
  readonly cliVersion?: string | null
}

const subjectOf = (subject: Subject): string => {
  if (subject.pid !== undefined) return `pid:${subject.pid}:${subject.startTicks ?? ''}`
  return subject.sessionId === undefined ? `pane:${subject.paneKey ?? ''}` : `session:${subject.sessionId}`
}

const shown = (text: string | null | undefined): string | null =>
  text === null || text === undefined ? null : displayText(text, 1_024)

/** One `agent_sightings` row. */
export const sightingRow = (cli: AgentCli, sighting: Sighting, subject: Subject): Row => ({
  cli,
  tier: sighting.tier,
  sighting_source: sighting.source,
  subject: subjectOf(subject),
  pid: subject.pid ?? null,
  start_ticks: subject.startTicks ?? null,
  session_id: shown(subject.sessionId),
  pane_key: shown(subject.paneKey),
  cwd: shown(subject.cwd),
  cli_version: shown(subject.cliVersion),
  says: sighting.says,
  rule: sighting.rule,
  reason: shown(sighting.reason),
  as_of: sighting.asOf,
  since: sighting.since,
  until_at: sighting.until,
  gone: false,
})

/** A row as it was last told, to be told again. */
export const keep = (row: Row): Row => {
  const { collected_at, machine_id, source, source_version, schema_version, ...own } = row
  return own
}

/** Rows of the registry files whose process lives with the same start time; stale files give none. */
export function registryRows(files: readonly RegistryFile[], seenAt: Date): readonly Row[] {
  return files.flatMap((file) => {
    const entry = file.json === null ? null : readClaudeRegistration(file.json, seenAt)
    if (entry === null || entry.startTicks === null || !isLiveRegistration(entry, [file])) return []
    const { pid, startTicks, sessionId, cwd, version } = entry
    return [sightingRow('claude', entry.sighting, { pid, startTicks, sessionId, cwd, cliVersion: version })]
  })
}

export const threadRows = (threads: readonly ThreadSighting[]): readonly Row[] =>
  threads.map(({ threadId, cwd, sighting }) => sightingRow('codex', sighting, { sessionId: threadId, cwd }))

/** One row per process where a run's is known, else per session; what says nothing that could be joined is left out. */
export function opencodeRows(runs: readonly OpencodeRun[], owners: RunOwners): readonly Row[] {
  const bySubject = new Map<string, Row>()
  const owned = new Set(runs.flatMap(({ run, sessionId }) => (owners[run] === undefined ? [] : [sessionId])))
  for (const { run, sessionId, directory, sighting } of runs) {
    const owner = owners[run]
    if (sighting === null || (owner === undefined && (sessionId === null || owned.has(sessionId)))) continue
    const row = sightingRow('opencode', sighting, {
      ...owner,
      ...(sessionId === null ? {} : { sessionId }),
      cwd: directory,
    })
    const known = bySubject.get(row.subject as string)
    if (known?.as_of instanceof Date && known.as_of > sighting.asOf) continue
    bySubject.set(row.subject as string, row)
  }
  return [...bySubject.values()]
}
