import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { OPENCODE_SCHEMA } from './opencode-schema.ts'
import { createRandom, type Random } from './random.ts'
import { addTruth, type CorpusTruth, noTokens, type SessionTruth } from './session-truth.ts'

export interface OpencodeCorpusOptions {
  readonly seed: number
  readonly sessions: number
  readonly messagesPerSession: number
}

export interface OpencodeCorpus extends CorpusTruth {
  readonly dbPath: string
  /** Assistant rows left open; `finishOpen` ends them as OpenCode would, later. */
  readonly open: readonly string[]
}

const CANARIES = [
  'CANARY-prompt-7d1f',
  'CANARY-answer-0b22',
  'CANARY-diff-93aa',
  'CANARY-header-51c0',
  'CANARY-body-e7e7',
  'CANARY-title-2f6d',
  'CANARY-credential-84bd',
  'CANARY-account-6c19',
  'CANARY-command-d00d',
] as const

const MODELS = [
  { providerID: 'anthropic', modelID: 'claude-sonnet-4-5' },
  { providerID: 'openai', modelID: 'gpt-5' },
  { providerID: 'mock', modelID: 'mock-1' },
] as const

const BASE_MS = Date.UTC(2026, 9, 1)

interface Writer {
  readonly db: DatabaseSync
  readonly random: Random
  readonly sessions: Record<string, SessionTruth>
  readonly open: string[]
  clockMs: number
}

const put = (db: DatabaseSync, table: string, row: Record<string, string | number | null>): void => {
  const names = Object.keys(row)
  db.prepare(`INSERT INTO ${table} (${names.join(',')}) VALUES (${names.map(() => '?').join(',')})`).run(
    ...Object.values(row),
  )
}

const newSession = (writer: Writer, parentId: string | null): string => {
  const id = `ses_${writer.random.hex(26)}`
  writer.clockMs += writer.random.int(1_000, 600_000)
  put(writer.db, 'session', {
    id,
    project_id: 'p1',
    parent_id: parentId,
    slug: 'calm-lagoon',
    directory: '/home/dev/code/demo',
    title: CANARIES[5],
    version: '1.18.33',
    agent: 'build',
    model: '{"id":"mock-1","providerID":"mock"}',
    // Running totals of the session row: a reader that adds them counts everything twice.
    tokens_input: 999_999_999,
    time_created: writer.clockMs,
    time_updated: writer.clockMs,
  })
  writer.sessions[id] = noTokens()
  return id
}

const userMessage = (writer: Writer, sessionId: string): string => {
  const id = `msg_${writer.random.hex(26)}`
  writer.clockMs += writer.random.int(1, 60_000)
  const data = {
    role: 'user',
    time: { created: writer.clockMs },
    agent: 'build',
    model: MODELS[2],
    summary: { diffs: [{ file: 'a.txt', patch: CANARIES[2] }] },
  }
  put(writer.db, 'message', {
    id,
    session_id: sessionId,
    time_created: writer.clockMs,
    time_updated: writer.clockMs,
    data: JSON.stringify(data),
  })
  part(writer, sessionId, id, { type: 'text', text: CANARIES[0] })
  return id
}

const part = (writer: Writer, sessionId: string, messageId: string, data: unknown): void =>
  put(writer.db, 'part', {
    id: `prt_${writer.random.hex(26)}`,
    message_id: messageId,
    session_id: sessionId,
    time_created: writer.clockMs,
    time_updated: writer.clockMs,
    data: JSON.stringify(data),
  })

type Ending = 'stop' | 'tool-calls' | 'compaction' | 'aborted' | 'api_error' | 'open' | 'open_partial'

const tokensFor = (random: Random, ending: Ending) => {
  const silent = ending === 'aborted' || ending === 'api_error' || ending === 'open'
  if (silent) return { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } }
  const tokens = {
    input: random.int(1, 20_000),
    output: random.int(1, 4_000),
    reasoning: random.chance(0.5) ? random.int(1, 2_000) : 0,
    cache: { read: random.int(0, 180_000), write: random.int(0, 5_000) },
  }
  const total = tokens.input + tokens.output + tokens.reasoning + tokens.cache.read + tokens.cache.write
  return { total, ...tokens }
}

const errorFor = (ending: Ending): unknown => {
  if (ending === 'aborted') return { name: 'MessageAbortedError', data: { message: 'Aborted' } }
  if (ending !== 'api_error') return undefined
  const data = {
    message: 'Incorrect API key provided.',
    statusCode: 401,
    responseHeaders: { 'x-key': CANARIES[3] },
    responseBody: CANARIES[4],
  }
  return { name: 'APIError', data }
}

const assistantMessage = (writer: Writer, sessionId: string, parentID: string, ending: Ending): void => {
  const id = `msg_${writer.random.hex(26)}`
  writer.clockMs += writer.random.int(0, 20_000)
  const createdMs = writer.clockMs
  writer.clockMs += writer.random.int(0, 30_000)
  const tokens = tokensFor(writer.random, ending)
  const isOpen = ending === 'open' || ending === 'open_partial'
  const data = {
    parentID,
    role: 'assistant',
    agent: 'build',
    path: { cwd: '/home/dev/code/demo', root: '/home/dev/code/demo' },
    cost: 0.0014,
    tokens,
    ...writer.random.pick(MODELS),
    time: { created: createdMs, ...(isOpen ? {} : { completed: writer.clockMs }) },
    ...(ending === 'stop' || ending === 'compaction' ? { finish: 'stop' } : {}),
    ...(ending === 'tool-calls' ? { finish: 'tool-calls' } : {}),
    ...(ending === 'compaction' ? { summary: true, mode: 'compaction' } : {}),
    error: errorFor(ending),
  }
  put(writer.db, 'message', {
    id,
    session_id: sessionId,
    time_created: createdMs,
    time_updated: writer.clockMs,
    data: JSON.stringify(data),
  })
  part(writer, sessionId, id, { type: 'text', text: CANARIES[1] })
  const call = { status: 'completed', input: { command: CANARIES[8] }, output: CANARIES[1] }
  if (ending === 'tool-calls') part(writer, sessionId, id, { type: 'tool', tool: 'bash', callID: 'c1', state: call })
  // The same tokens again, per model call: not to be added.
  if (!isOpen) part(writer, sessionId, id, { type: 'step-finish', tokens, cost: 0.0014, reason: 'stop' })
  if (isOpen) writer.open.push(id)
  else count(writer.sessions, sessionId, tokens)
}

const count = (sessions: Record<string, SessionTruth>, id: string, tokens: ReturnType<typeof tokensFor>): void => {
  if (tokens.input + tokens.output + tokens.reasoning + tokens.cache.read + tokens.cache.write === 0) return
  addTruth(sessions, id, {
    input: tokens.input,
    output: tokens.output + tokens.reasoning,
    reasoning: tokens.reasoning,
    cacheRead: tokens.cache.read,
    cacheWrite: tokens.cache.write,
  })
}

const ENDINGS: readonly Ending[] = [
  'stop',
  'stop',
  'tool-calls',
  'compaction',
  'aborted',
  'api_error',
  'open',
  'open_partial',
]

const fillSession = (writer: Writer, sessionId: string, messages: number): void => {
  for (let done = 0; done < messages; ) {
    const parent = userMessage(writer, sessionId)
    const answers = writer.random.int(1, 4)
    for (let n = 0; n < answers && done < messages; n += 1, done += 1)
      assistantMessage(writer, sessionId, parent, writer.random.pick(ENDINGS))
  }
}

const plantSecrets = (db: DatabaseSync): void => {
  put(db, 'credential', { id: 'c1', value: CANARIES[6] })
  put(db, 'account', { id: 'a1', email: CANARIES[7], access_token: CANARIES[6] })
  put(db, 'control_account', { email: CANARIES[7], access_token: CANARIES[6] })
}

/** Rows that no reader can use, beside the good ones: they are named, never counted and never spoil the rest. */
const plantDamage = (db: DatabaseSync, sessionId: string, atMs: number): void => {
  const bad = (id: string, data: string): void =>
    put(db, 'message', { id, session_id: sessionId, time_created: atMs, time_updated: atMs, data })
  bad('msg_bad_json', '{"role":"assistant","tokens":{')
  const tokens = '"tokens":{"input":-5,"output":"many","cache":{"read":1}}'
  bad('msg_bad_tokens', `{"role":"assistant","finish":"stop","time":{"created":${atMs},"completed":${atMs}},${tokens}}`)
  bad('msg_infinite', `{"role":"assistant","finish":"stop","tokens":{"input":1e999},"cost":-1e999}`)
  bad("msg_x'); DROP TABLE message; --", `{"role":"user","time":{"created":${atMs}}}`)
}

/**
 * Writes `<dataDir>/opencode.db` with its newest rows only in the write-ahead log, and says what is in it.
 * Traps: running totals, step-finish parts, open rows, child sessions, errors, compaction, damage, credentials.
 */
export const writeOpencodeCorpus = (dataDir: string, options: OpencodeCorpusOptions): OpencodeCorpus => {
  const scratch = mkdtempSync(join(tmpdir(), 'vc-opencode-'))
  const dbPath = join(dataDir, 'opencode.db')
  mkdirSync(dataDir, { recursive: true })
  const db = new DatabaseSync(join(scratch, 'opencode.db'))
  db.exec(`PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; ${OPENCODE_SCHEMA}`)
  const writer: Writer = { db, random: createRandom(options.seed), sessions: {}, open: [], clockMs: BASE_MS }
  put(db, 'project', { id: 'p1', worktree: '/home/dev/code/demo', vcs: 'git', time_created: 1, time_updated: 1 })
  plantSecrets(db)
  for (let n = 0; n < options.sessions; n += 1) {
    if (n === Math.ceil(options.sessions * 0.9)) db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    db.exec('BEGIN')
    const id = newSession(writer, null)
    fillSession(writer, id, options.messagesPerSession)
    if (writer.random.chance(0.4)) fillSession(writer, newSession(writer, id), writer.random.int(1, 5))
    if (n === 0) plantDamage(db, id, writer.clockMs)
    db.exec('COMMIT')
  }
  // Copied while open: closing would move the log's rows into the file.
  copyFileSync(join(scratch, 'opencode.db'), dbPath)
  const wal = join(scratch, 'opencode.db-wal')
  if (existsSync(wal)) copyFileSync(wal, `${dbPath}-wal`)
  db.close()
  rmSync(scratch, { recursive: true })
  const truth = { seed: options.seed, sessions: writer.sessions, canaries: CANARIES }
  writeFileSync(join(dataDir, 'truth.json'), JSON.stringify(truth))
  return { ...truth, dbPath, open: writer.open }
}
