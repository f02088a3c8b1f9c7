import { printableBundle } from '../../src/collectors/evidence/index.ts'
import type { DemoAgent, DemoMachine } from './describe.ts'
import { seatOf } from './orchestrator-text.ts'
import { HZ, START_TICKS, sessionIdOf } from './session-facts.ts'

type Json = Readonly<Record<string, unknown>>

const US = '\x1f'
const SERVER_PID = 3900
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})
const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(object) : [])

/** The answer carries the nonce it was asked with, which is the first argument. */
const block = (head: string, ...lines: readonly string[]): readonly string[] => [`@@{arg.0} ${head}`, ...lines]

const TIMES = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|(?<![\w.#-])\d{10}(?:\d{3}|\.\d+)?(?![\w-])/g
const DAY_MS = 86_400_000

/** Moments of a recording as marks that keep their distance from the look: what was fresh then is fresh now. */
const withMarks = (text: string, capturedMs: number): string =>
  text.replace(TIMES, (found) => {
    const kind = found.includes('T') ? 'iso' : /^\d{13}$/.test(found) ? 'epochms' : 'epoch'
    const atMs = kind === 'iso' ? Date.parse(found) : Number(found) * (kind === 'epoch' ? 1000 : 1)
    if (Math.abs(atMs - capturedMs) > 10 * DAY_MS) return found
    // Rounded into the past: nothing may look newer than the look.
    const shiftS = Math.floor((atMs - capturedMs) / 1000)
    return `@{${kind}${shiftS < 0 ? shiftS : `+${shiftS}`}}`
  })

const sessionOf = (path: unknown): string | null =>
  /session=(\S+)$/.exec(String(path))?.[1] ??
  /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl?$/.exec(String(path))?.[1] ??
  null

const ownPid = ({ bundle }: DemoAgent['recording'], cli: string): unknown =>
  list(bundle.processes).find(({ comm, detached }) => comm === cli && detached !== true)?.pid

const claudeBlocks = (agent: DemoAgent, live: Json, pid: unknown): readonly string[] => {
  const own = list(live.claude_sessions).find((session) => session.pid === pid)
  if (own === undefined) return block('claude')
  const { file: _file, ...facts } = own
  const mine = { pid: agent.pid, sessionId: sessionIdOf(agent), cwd: agent.cwd, procStart: String(START_TICKS) }
  return [...block('claude'), ...block(`registry ${agent.pid}`, JSON.stringify({ ...facts, ...mine }))]
}

const rowsBlock = (query: string, rows: readonly Json[]): readonly string[] => [
  ...block(`rows ${query}`, JSON.stringify(rows), ''),
  ...block(`asked ${query}`),
]

const codexBlocks = (live: Json, session: string | null): readonly string[] => {
  const codex = object(live.codex)
  const own = (name: string, key: string): readonly Json[] => list(codex[name]).filter((row) => row[key] === session)
  return [
    ...rowsBlock('turns', own('thread_turns', 'thread_id')),
    ...rowsBlock('threads', own('threads', 'id')),
    ...(codex.socket_present === true ? block('codex_socket') : []),
  ]
}

const opencodeBlocks = (live: Json, tail: readonly Json[], session: string | null): readonly string[] => {
  const opencode = object(live.opencode)
  const sessions = list(opencode.sessions).filter(({ id }) => id === session)
  const row = (kind: string, value: Json): Json => ({ kind, row: JSON.stringify(value) })
  return [
    ...block('database', '/home/dev/.local/share/opencode/opencode.db'),
    ...rowsBlock('own', [
      ...(session === null ? [] : [row('own', { id: session })]),
      ...sessions.map((one) => row('session', one)),
      ...tail.map((one) => row('record', one)),
    ]),
    ...rowsBlock('events', list(opencode.events)),
    ...block('log', ...(Array.isArray(opencode.log_tail) ? opencode.log_tail.map(String) : [])),
  ]
}

const sourceBlocks = (agent: DemoAgent): readonly string[] => {
  const { bundle } = agent.recording
  // Words of people and models are cut where they lie, before anything leaves a machine.
  const { live_state, transcript_tail } = printableBundle(bundle)
  const [live, tail, session] = [object(live_state), list(transcript_tail), sessionOf(bundle.transcript_path)]
  const lines = tail.map((record) => JSON.stringify(record))
  const transcript = [...block('mtime', String(bundle.transcript_mtime)), ...block('tail', ...lines)]
  if (agent.cli === 'opencode')
    return [...opencodeBlocks(live, tail, session), ...block('mtime', String(bundle.transcript_mtime))]
  if (agent.cli === 'codex') return [...codexBlocks(live, session), ...transcript]
  return agent.cli === 'claude'
    ? [...claudeBlocks(agent, live, ownPid(agent.recording, 'claude')), ...transcript]
    : transcript
}

const paneLine = (agent: DemoAgent, i: number): string => {
  const { pid, cli, cwd, title, recording } = agent
  const [active, other] = [1, i === 0 ? 1 : 0]
  return [
    ...[`pane`, SERVER_PID, '@{start.epoch-80000}', '$0', `@${i}`, i, `%${i}`, 0, pid, 0, '', '', '', active, other, 0, 0, ''],
    ...['@{epoch-2}', '@{start.epoch-80000}', '@{epoch-600}', 0, recording.columns, recording.rows, 1200, 2, recording.rows - 2],
    ...[`/dev/pts/${i}`, cli, seatOf(agent).session, cli, cwd, title],
  ].join(US) // biome-ignore format: fields
}

/** A moment that is printed as whole seconds. */
const EPOCHS = /^(@@\{arg\.0\} mtime\n)(\S+)$/m

/** What `evidence.capture` prints of one agent: a real recording under the names of the demo. */
export const evidenceText = (agent: DemoAgent, i: number): string => {
  const { bundle, screen, ansi } = agent.recording
  const capturedMs = Date.parse(String(bundle.captured_at))
  const pane = object(bundle.pane)
  const session = sessionOf(bundle.transcript_path)
  const told = [...block('host', 'os Linux', `clk_tck ${HZ}`, 'tmux tmux 3.3a'), ...sourceBlocks(agent)]
    .join('\n')
    .replace(EPOCHS, (_, head: string, iso: string) => `${head}${Math.floor(Date.parse(iso) / 1000) || ''}`)
  const named = told
    .replaceAll(String(pane.pane_current_path), agent.cwd)
    .replaceAll(session ?? '\0', sessionIdOf(agent))
  return [
    ...block('begin 1'),
    withMarks(named, capturedMs),
    ...block('processes', [agent.pid, 1, agent.state === 'stalled' ? 'T' : 'S', 34_816 + i, START_TICKS, agent.cli, 'tree'].join('\t')),
    ...block('argv', [agent.pid, agent.cli, '-', '-'].join('\t')),
    ...block(paneLine(agent, i)),
    ...block('started', agent.cli),
    ...block('screen', screen),
    ...block('ansi', ansi),
    ...block('captured 0'),
    ...block('end @{epoch} @{epochms}000000'),
    '',
  ].join('\n') // biome-ignore format: blocks
}

/** Files and answers: one look at each agent, told apart by its pane. */
export const evidenceAnswers = ({ agents }: DemoMachine) =>
  agents.map((agent, i) => ({
    name: `evidence-${i}.txt`,
    text: evidenceText(agent, i),
    answer: {
      ask: 'evidence.capture',
      argAt: { 2: `%${i}` },
      stdout: `evidence-${i}.txt`,
      template: true,
      durationMs: 64,
    },
  }))
