import { decodeUtf8, displayText } from '../../core/text.ts'
import { claudeStateMatters, codexStateMatters, geminiStateMatters } from '../agent-evidence/index.ts'
import { asObject, isObject, type Json } from '../agent-evidence/json.ts'
import type { EvidenceTarget } from './ask.ts'
import { type Block, blockNamed, blocksOf } from './blocks.ts'
import {
  claudeSessions,
  codexState,
  type DatabaseRows,
  opencodeState,
  opencodeTail,
  ownOpencodeSession,
  servedThreads,
} from './live-state.ts'
import { ofThisLife } from './own-life.ts'
import { type PaneFields, readPane } from './pane.ts'
import { type BundleProcess, ownProcesses, readProcessRows } from './processes.ts'

/** What one look brought, before anything of it is printed. */
export interface EvidenceReading {
  /** Members of contract evidence-bundle; identity is the caller's. */
  readonly members: Json
  /** What could not be seen, as sentences. */
  readonly notes: readonly string[]
  /** Databases the machine has no tool for: query name and path. */
  readonly lacking: readonly { readonly query: string; readonly path: string }[]
}

const instant = (words: readonly string[]): string | null => {
  const [seconds = '', nanos = ''] = words
  const ms = /^\d{16,20}$/.test(nanos) ? Number(nanos.slice(0, -6)) : null
  if (ms !== null) return new Date(ms).toISOString()
  // without a finer clock: the end of that second, because nothing that was seen is newer
  return /^\d{9,11}$/.test(seconds) ? new Date(Number(seconds) * 1000 + 999).toISOString() : null
}

const hostOf = (block: Block | null): Json => {
  const fields = new Map(
    (block?.lines ?? []).map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)]),
  )
  const whole = (name: string): number | null =>
    /^\d{1,12}$/.test(fields.get(name) ?? '') ? Number(fields.get(name)) : null
  return {
    os: displayText(fields.get('os') ?? '', 32) || null,
    clk_tck: whole('clk_tck'),
    btime: whole('btime'),
    tmux: /^tmux (\S{1,40})/.exec(fields.get('tmux') ?? '')?.[1] ?? null,
  }
}

const rowsOf = (blocks: readonly Block[], notes: string[]): DatabaseRows => {
  const rows: Record<string, Readonly<Record<string, unknown>>[]> = {}
  for (const block of blocks.filter(({ name }) => name === 'rows')) {
    const query = block.words[0] ?? ''
    const text = block.lines.join('\n').trim()
    if (text === '') continue
    try {
      const found: unknown = JSON.parse(text)
      rows[query] = [...(rows[query] ?? []), ...(Array.isArray(found) ? found.filter(isObject) : [])]
    } catch {
      notes.push(`the database rows "${displayText(query, 20)}" could not be read: ${displayText(text, 120)}`)
    }
  }
  return rows
}

const KEPT = 20
const MATTERS = { claude: claudeStateMatters, codex: codexStateMatters, gemini: geminiStateMatters } as const
const opensTurn = (record: unknown): boolean => {
  const line = asObject(record)
  return line.type === 'session_meta' || asObject(line.payload).type === 'task_started' || line.type === 'user'
}

/** The newest records that tell a state, and before them the newest that opened a turn or the run. */
const newest = (cli: keyof typeof MATTERS, lines: readonly string[]): readonly unknown[] => {
  const records = lines
    .flatMap((line) => {
      try {
        const record: unknown = JSON.parse(line)
        return isObject(record) ? [record] : []
      } catch {
        return []
      }
    })
    .filter(MATTERS[cli])
  const tail = records.slice(-KEPT)
  const before = records.slice(0, -KEPT)
  const meta = before.find((record) => record.type === 'session_meta')
  const opened = before.findLast((record) => record !== meta && opensTurn(record))
  return [...(meta === undefined ? [] : [meta]), ...(opened === undefined ? [] : [opened]), ...tail]
}

/** `…/tmp/<project>/chats/…`. */
const projectOf = (path: string | null): string | null => /\/([^/]+)\/chats\/[^/]+$/.exec(path ?? '')?.[1] ?? null

interface SeenPane {
  readonly pane: PaneFields | null
  readonly screen: string | null
  readonly ansi: string | null
}

const NO_PANE: SeenPane = { pane: null, screen: null, ansi: null }

const seenPane = (blocks: readonly Block[], target: EvidenceTarget, notes: string[]): SeenPane => {
  if (target.pane === null) return NO_PANE
  const started = blockNamed(blocks, 'started')?.lines.join('\n') ?? ''
  const pane = blocks
    .filter(({ name }) => name === 'pane')
    .map((block) => readPane([block.head, ...block.lines].join('\n'), started))
    .find((record) => record?.pane_id === target.pane?.paneId)
  if (pane === undefined || pane === null) {
    const socketGone = blockNamed(blocks, 'no_socket') !== null
    notes.push(
      socketGone ? 'its tmux socket is gone, or not ours' : 'its tmux pane is gone, or its server does not answer',
    )
    return NO_PANE
  }
  if (target.pane.serverStartS !== null && pane.start_time !== target.pane.serverStartS) {
    notes.push('its tmux server was started anew: the pane of that number is another one')
    return NO_PANE
  }
  const whole = blockNamed(blocks, 'captured')?.words[0] === '0'
  const text = (name: string): string | null => {
    const lines = whole ? blockNamed(blocks, name)?.lines : undefined
    return lines === undefined ? null : `${lines.join('\n')}\n`
  }
  if (!whole) notes.push('the screen could not be captured')
  return { pane, screen: text('screen'), ansi: text('ansi') }
}

const liveOf = (
  blocks: readonly Block[],
  { cli, transcriptPath }: EvidenceTarget,
  title: string | null,
  rows: DatabaseRows,
  log: readonly string[],
): Json => {
  if (cli === 'codex') return { codex: codexState(title, blocks, rows) }
  if (cli === 'gemini') return { gemini: { title, project: projectOf(transcriptPath) } }
  if (cli === 'opencode') return { opencode: opencodeState(title, rows, log) }
  if (cli !== 'claude') return {}
  const registry = blocks.filter(({ name }) => name === 'registry')
  return {
    claude_sessions: claudeSessions(
      registry.map(({ words, lines }) => ({ pid: words[0] ?? '', text: lines.join('\n') })),
    ),
  }
}

const transcriptOf = (blocks: readonly Block[], { cli, transcriptPath }: EvidenceTarget, rows: DatabaseRows): Json => {
  const mtime = blockNamed(blocks, 'mtime')?.lines[0] ?? ''
  const transcript_mtime = /^\d{9,11}$/.test(mtime) ? new Date(Number(mtime) * 1000).toISOString() : null
  if (cli === 'opencode') {
    const database = blockNamed(blocks, 'database')?.lines[0] ?? null
    const session = ownOpencodeSession(rows)
    const transcript_path = session === null ? database : `${database} session=${session}`
    return { transcript_path, transcript_tail: opencodeTail(rows), transcript_mtime }
  }
  const tail = blockNamed(blocks, 'tail')
  const transcript_tail = tail === null || cli === 'other' ? null : newest(cli, tail.lines)
  return { transcript_path: transcriptPath, transcript_tail, transcript_mtime }
}

/** Codex may run its turns in a server of its own, which outlives the terminal; where it does was not to be seen. */
const outlives = (blocks: readonly Block[], { cli, sessionId }: EvidenceTarget, rows: DatabaseRows): boolean =>
  cli === 'codex' &&
  sessionId !== null &&
  blockNamed(blocks, 'codex_socket') !== null &&
  !servedThreads(blocks).includes(sessionId) &&
  (rows.turns ?? []).find((turn) => turn.thread_id === sessionId)?.status === 'inProgress'

const processesOf = (
  blocks: readonly Block[],
  target: EvidenceTarget,
  pane: PaneFields | null,
  rows: DatabaseRows,
  notes: string[],
): readonly BundleProcess[] | null => {
  const table = readProcessRows(blocks)
  if (table === null) {
    notes.push('the process table could not be read')
    return null
  }
  const own = ownProcesses(table, target, typeof pane?.pane_pid === 'number' ? pane.pane_pid : null)
  if (own.rootGone) notes.push(`its process ${target.root?.pid} has ended`)
  if (own.rootGone && outlives(blocks, target, rows))
    notes.push(
      'its turn has no end yet and may go on in the background server of Codex: look there with `codex agents`',
    )
  if (own.successor) notes.push(`another ${target.cli} runs in its pane now and is left out`)
  // without a pane and a root nothing says which processes would be its own
  return pane === null && target.root === null ? null : own.processes
}

/** Rows of databases that vc read itself come in `extra`. Null: the answer was cut off, or is none. Never throws. */
export const parseEvidence = (
  stdout: Uint8Array,
  nonce: string,
  target: EvidenceTarget,
  extra: DatabaseRows = {},
): EvidenceReading | null => {
  const blocks = blocksOf(decodeUtf8(stdout), nonce)
  if (blocks === null) return null
  const notes: string[] = []
  const { pane, screen, ansi } = seenPane(blocks, target, notes)
  const host = hostOf(blockNamed(blocks, 'host'))
  const { rows, log } = ofThisLife(target, host, {
    rows: { ...rowsOf(blocks, notes), ...extra },
    log: blockNamed(blocks, 'log')?.lines ?? [],
  })
  const title = typeof pane?.pane_title === 'string' ? pane.pane_title : null
  const processes = processesOf(blocks, target, pane, rows, notes)
  if (blockNamed(blocks, 'no_transcript') !== null) notes.push('its transcript is gone or may not be read')
  return {
    members: {
      captured_at: instant(blocks.at(-1)?.words ?? []),
      screen,
      screen_ansi: ansi,
      pane,
      processes,
      host,
      live_state: liveOf(blocks, target, title, rows, log),
      ...transcriptOf(blocks, target, rows),
    },
    notes,
    lacking: blocks
      .filter(({ name }) => name === 'lacking')
      .map(({ words, lines }) => ({ query: words[0] ?? '', path: lines[0] ?? '' })),
  }
}
