import type { AgentState, Sighting } from '../../core/agent.ts'
import { asNumber, asText, dateOfMs, parseObject } from './json.ts'
import { sighting } from './sighting.ts'

/** `~/.claude/sessions/<pid>.json` of one process, with what it says (agents-claude.md 1). */
export interface ClaudeRegistration {
  readonly pid: number
  readonly startTicks: number | null
  readonly sessionId: string
  readonly cwd: string | null
  readonly version: string | null
  readonly entrypoint: string | null
  readonly sighting: Sighting
}

export interface LiveProcess {
  readonly pid: number
  readonly startTicks: number | null
}

const VERSION = '2.1'
const SOURCE = 'claude.registry'
// The status of a session that was never asked dates from its start (measured 0.05 to 0.5 s).
const FRESH_MS = 1_000

interface Reading {
  readonly says: AgentState
  readonly rule: string
  readonly reason?: string
}

const readWaiting = (what: string | null): Reading => {
  if (what === 'permission prompt') return { says: 'needs_approval', rule: 'permission', reason: what }
  if (what === 'input needed') return { says: 'asked_question', rule: 'input', reason: what }
  return { says: 'needs_approval', rule: 'waiting', reason: what === 'dialog open' ? what : 'waiting for a person' }
}

const readStatus = (status: string, waitingFor: string | null, fresh: boolean): Reading | null => {
  if (status === 'busy') return { says: 'working', rule: 'busy' }
  if (status === 'shell') return { says: 'working', rule: 'shell', reason: 'background: shell' }
  if (status === 'waiting') return readWaiting(waitingFor)
  if (status === 'idle') return { says: 'idle', rule: fresh ? 'fresh' : 'idle' }
  return null
}

/** Reads one registry file; null when it is no registry file or says a status this version does not know. */
export function readClaudeRegistration(file: unknown, seenAt: Date): ClaudeRegistration | null {
  const json = parseObject(file)
  const pid = asNumber(json?.pid)
  const sessionId = asText(json?.sessionId)
  const status = asText(json?.status)
  if (json === null || pid === null || sessionId === null || status === null) return null
  const changed = dateOfMs(json.statusUpdatedAt) ?? dateOfMs(json.updatedAt)
  const started = dateOfMs(json.startedAt)
  const fresh = changed !== null && started !== null && changed.getTime() - started.getTime() < FRESH_MS
  const reading = readStatus(status, asText(json.waitingFor), fresh)
  if (reading === null) return null
  const asOf = changed ?? seenAt
  const said = sighting({ tier: 'live', source: SOURCE, version: VERSION, ...reading, asOf, seenAt, since: changed })
  const entrypoint = asText(json.entrypoint)
  return {
    pid,
    startTicks: asNumber(json.procStart),
    sessionId,
    cwd: asText(json.cwd),
    version: asText(json.version),
    entrypoint,
    sighting: said,
  }
}

/** True when the process that wrote the file still lives: pid and start time must both match, or the file is stale. */
export const isLiveRegistration = (entry: ClaudeRegistration, processes: readonly LiveProcess[]): boolean =>
  processes.some(
    (process) => process.pid === entry.pid && entry.startTicks !== null && process.startTicks === entry.startTicks,
  )

/** The live sighting of one registry file; null when it is foreign, stale or unknown. */
export function readClaudeRegistry(file: unknown, processes: readonly LiveProcess[], seenAt: Date): Sighting | null {
  const entry = readClaudeRegistration(file, seenAt)
  return entry !== null && isLiveRegistration(entry, processes) ? entry.sighting : null
}
