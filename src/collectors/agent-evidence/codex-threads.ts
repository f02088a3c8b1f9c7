import type { AgentState, Sighting } from '../../core/agent.ts'
import { asArray, asNumber, asObject, asText, dateOfSeconds, type Json, parseObject } from './json.ts'
import { sighting } from './sighting.ts'
import { readCodexError } from './transcript-codex.ts'

const VERSION = '0.169'

/** Opinion about one thread. */
export interface ThreadSighting {
  readonly threadId: string
  readonly cwd: string | null
  readonly sighting: Sighting
}

interface Turn {
  readonly threadId: string
  readonly turnId: string | null
  readonly rootTurnId: string | null
  readonly status: string
  readonly startedAt: Date | null
  readonly row: Json
}

const turnOf = (row: unknown): Turn | null => {
  const json = asObject(row)
  const threadId = asText(json.thread_id)
  const status = asText(json.status)
  if (threadId === null || status === null) return null
  return {
    threadId,
    status,
    turnId: asText(json.turn_id),
    rootTurnId: asText(json.root_turn_id),
    startedAt: dateOfSeconds(json.started_at),
    row: json,
  }
}

interface Reading {
  readonly says: AgentState
  readonly rule: string
  readonly reason?: string
}

const readStatus = (turn: Turn): Reading | null => {
  if (turn.status === 'inProgress') return { says: 'working', rule: 'turn' }
  if (turn.status === 'completed') return { says: 'turn_finished', rule: 'turn_end' }
  if (turn.status === 'interrupted') return { says: 'idle', rule: 'aborted', reason: 'interrupted' }
  if (turn.status === 'failed') return readCodexError(parseObject(turn.row.error_json) ?? {})
  return null
}

const readTurn = (turn: Turn): Sighting | null => {
  const reading = readStatus(turn)
  const asOf = dateOfSeconds(turn.row.completed_at) ?? turn.startedAt
  if (reading === null || asOf === null) return null
  return sighting({ tier: 'transcript', source: 'codex.threads', version: VERSION, ...reading, asOf, since: asOf })
}

/** The database knows whole seconds: what it says of now is newer than the record of a turn that ended in that second. */
const SECOND_MS = 999

/** A thread at rest while a sub-agent goes on for one of its turns. */
const inBackground = (own: Sighting, child: Turn): Sighting => ({
  ...own,
  says: 'working',
  rule: `codex.threads.background@${VERSION}`,
  reason: 'background: sub-agent',
  asOf: new Date(Math.max(own.asOf.getTime(), child.startedAt?.getTime() ?? 0) + SECOND_MS),
})

/**
 * Newest turn of each thread in `thread_history_*.sqlite`. A thread at rest of whose turns one still has a child turn under
 * way is working in the background (a sub-agent writes under an idle title).
 */
export function readCodexThreads(turnRows: readonly unknown[]): readonly ThreadSighting[] {
  const turns = turnRows.map(turnOf).filter((turn) => turn !== null)
  const newest = new Map<string, Turn>()
  for (const turn of turns) {
    const known = newest.get(turn.threadId)
    if (known === undefined || ordinalOf(turn) > ordinalOf(known)) newest.set(turn.threadId, turn)
  }
  const threadOf = new Map(turns.map((turn) => [turn.turnId, turn.threadId]))
  const children = turns.filter((turn) => turn.status === 'inProgress' && turn.rootTurnId !== null)
  return [...newest.values()].flatMap((turn) => {
    const own = readTurn(turn)
    if (own === null) return []
    const child = children.find(
      (other) => other.threadId !== turn.threadId && threadOf.get(other.rootTurnId) === turn.threadId,
    )
    const said = own.says === 'turn_finished' && child !== undefined ? inBackground(own, child) : own
    return [{ threadId: turn.threadId, cwd: null, sighting: said }]
  })
}

const ordinalOf = (turn: Turn): number => asNumber(turn.row.rollout_ordinal) ?? asNumber(turn.row.started_at) ?? 0

const readFlags = (status: Json): Reading | null => {
  const flags = asArray(status.activeFlags)
  if (status.type === 'idle') return { says: 'idle', rule: 'idle' }
  if (status.type === 'systemError') return { says: 'failed', rule: 'system_error', reason: 'system error' }
  if (status.type !== 'active') return null
  if (flags.includes('waitingOnApproval')) return { says: 'needs_approval', rule: 'approval' }
  return flags.includes('waitingOnUserInput')
    ? { says: 'asked_question', rule: 'input' }
    : { says: 'working', rule: 'active' }
}

/** Rows of the app-server's `thread/list` (where somebody asked it). `notLoaded` says nothing. */
export function readCodexSocket(reply: unknown, seenAt: Date): readonly ThreadSighting[] {
  const envelope = asObject(reply)
  const listed = [envelope.data, envelope.threads, asObject(envelope.result).data, reply].find(Array.isArray)
  const rows = listed ?? (asText(envelope.id) === null ? [] : [envelope])
  return asArray(rows)
    .map(asObject)
    .flatMap((row) => {
      const thread = asObject(row.row ?? row)
      const threadId = asText(thread.id)
      const reading = readFlags(asObject(thread.status))
      if (threadId === null || reading === null) return []
      const said = sighting({
        tier: 'live',
        source: 'codex.socket',
        version: VERSION,
        ...reading,
        asOf: seenAt,
        seenAt,
      })
      return [{ threadId, cwd: asText(thread.cwd), sighting: said }]
    })
}
