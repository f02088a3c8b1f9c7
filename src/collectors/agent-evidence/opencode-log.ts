import type { AgentState, Sighting } from '../../core/agent.ts'
import { sighting } from './sighting.ts'

const VERSION = '1.18'

/** What one run (process) of OpenCode last said about itself in the shared log. */
export interface OpencodeRun {
  readonly run: string
  readonly directory: string | null
  readonly sessionId: string | null
  readonly sighting: Sighting | null
}

/** Lines worth sending from a remote: fixed strings, any of them. */
export const OPENCODE_LOG_NEEDLES: readonly string[] = [
  'message=asking',
  'message="stream error"',
  'message=loop',
  'message="exiting loop"',
  'message=cancel',
  'message=process',
  'message="creating instance"',
  'message=created',
]

const FIELD = /([\w./]+)=("(?:[^"\\]|\\.)*"|\S*)/g

const fieldsOf = (line: string): ReadonlyMap<string, string> => {
  const fields = new Map<string, string>()
  for (const [, key = '', raw = ''] of line.slice(0, 4_000).matchAll(FIELD)) {
    if (!fields.has(key)) fields.set(key, raw.startsWith('"') ? raw.slice(1, raw.endsWith('"') ? -1 : undefined) : raw)
  }
  return fields
}

const LIMIT = /rate limit|usage limit|quota|too many requests|\b429\b/i

interface Reading {
  readonly says: AgentState
  readonly rule: string
  readonly reason?: string
}

/** The last try failed: the loop is left without another line. */
const readFailure = (error: string): Reading =>
  LIMIT.test(error)
    ? { says: 'rate_limited', rule: 'limit_end', reason: 'rate limit' }
    : { says: 'failed', rule: 'error', reason: 'error' }

const GIVES_BACK: ReadonlySet<AgentState> = new Set(['turn_finished', 'idle', 'failed'])

/** `undefined`: the line says nothing about the state. */
const readMessage = (fields: ReadonlyMap<string, string>): Reading | undefined => {
  const message = fields.get('message')
  if (message === 'asking') {
    const question = fields.get('permission') === 'question' || (fields.get('id') ?? '').startsWith('que_')
    return question
      ? { says: 'asked_question', rule: 'question' }
      : { says: 'needs_approval', rule: 'asking', reason: 'permission asked' }
  }
  // Title and summary calls run beside the turn (`small=true`).
  if (fields.get('small') === 'true') return undefined
  if (message === 'stream error') {
    const limited = LIMIT.test(fields.get('error.error') ?? '')
    return limited
      ? { says: 'rate_limited', rule: 'limit', reason: 'limit, retrying' }
      : { says: 'working', rule: 'retry', reason: 'stream error, retrying' }
  }
  if (message === 'exiting loop') return { says: 'turn_finished', rule: 'loop_end' }
  // What was under way when it was interrupted fails after the interrupt.
  if (message === 'cancel' || fields.get('error') === 'Aborted')
    return { says: 'idle', rule: 'cancel', reason: 'interrupted' }
  if (message === 'process' && fields.has('error')) return readFailure(fields.get('error') ?? '')
  return message === 'loop' || message === 'process' || message === 'stream'
    ? { says: 'working', rule: 'loop' }
    : undefined
}

interface Draft {
  run: string
  /** Sessions of sub-agents. */
  readonly children: Set<string>
  directory: string | null
  sessionId: string | null
  newest: { at: Date; since: Date; reading: Reading } | null
}

/** Whether the line is of a sub-agent: its session was made below another, or it streams as one. */
const isChild = (draft: Draft, fields: ReadonlyMap<string, string>): boolean => {
  const session = fields.get('session.id') ?? ''
  if (fields.get('mode') === 'subagent') draft.children.add(session)
  return draft.children.has(session)
}

const read = (draft: Draft, fields: ReadonlyMap<string, string>, at: Date): void => {
  const message = fields.get('message')
  if (message === 'creating instance' || message === 'created')
    draft.directory = fields.get('directory') ?? draft.directory
  if (message === 'created' && fields.get('parentID')?.startsWith('ses_')) draft.children.add(fields.get('id') ?? '')
  const reading = readMessage(fields)
  if (reading === undefined) return
  // A sub-agent that is done gives the word back to who began it.
  if (isChild(draft, fields)) {
    if (GIVES_BACK.has(reading.says) || reading.rule === 'limit_end') return
  } else draft.sessionId = fields.get('session.id') ?? draft.sessionId
  // A retried request streams again: the limit stands until its loop goes on or ends.
  const retries = draft.newest?.reading.rule === 'limit' && message === 'stream'
  // A cancelled retry leaves the limit in place (evidence-bundle.md); so does the loop's end that follows.
  const stays = draft.newest?.reading.says === 'rate_limited' && ['idle', 'turn_finished'].includes(reading.says)
  if (retries || stays) return
  // Steps and retries of one turn, or of one limit, go on; each question is another one.
  const goesOn = draft.newest?.reading.says === reading.says && ['working', 'rate_limited'].includes(reading.says)
  draft.newest = { at, since: goesOn && draft.newest !== null ? draft.newest.since : at, reading }
}

/**
 * State lines of `opencode.log` (any order of runs, lines oldest first), one entry per run. The log shows when a
 * permission is asked and never when it is answered: a later line of the same run is the only sign of that.
 */
export function readOpencodeLog(lines: readonly string[], seenAt: Date): readonly OpencodeRun[] {
  const runs = new Map<string, Draft>()
  for (const line of lines) {
    const fields = fieldsOf(line)
    const run = fields.get('run')
    const at = new Date(fields.get('timestamp') ?? '')
    if (run === undefined || Number.isNaN(at.getTime())) continue
    const draft = runs.get(run) ?? { run, children: new Set(), directory: null, sessionId: null, newest: null }
    runs.set(run, draft)
    read(draft, fields, at)
  }
  return [...runs.values()].map(({ run, directory, sessionId, newest }) => {
    const said =
      newest &&
      sighting({
        tier: 'live',
        source: 'opencode.log',
        version: VERSION,
        ...newest.reading,
        asOf: newest.at,
        seenAt,
        since: newest.since,
      })
    return { run, directory, sessionId, sighting: said }
  })
}
