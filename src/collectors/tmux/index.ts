import { randomBytes } from 'node:crypto'
import { AGENT_CLIS, type AgentCli } from '../../core/agent.ts'
import type { Answer } from '../../core/ask.ts'
import { type CollectContext, type CollectResult, defineCollector } from '../../core/collector.ts'
import type { Row, RowBatch, Warning } from '../../core/rows.ts'
import { decodeUtf8, displayText } from '../../core/text.ts'
import { textCell } from '../row-cells.ts'
import { parseTmux, type ServerText, type TmuxText, UNIT_SEPARATOR } from './parse.ts'
import { type Before, paneRows, sessionRows } from './rows.ts'
import { TMUX_SCRIPT } from './script.ts'
import { asArgument, decodeSettled, paneKey, settle } from './settled.ts'
import { judgeServer } from './verdict.ts'

const MAX_CAPTURES_PER_SERVER = 64

/** All tmux servers of the user: sessions, panes, and what the screens of agents show. Screen text is read, never stored. */
export const tmux = defineCollector({
  name: 'tmux',
  version: '1.0.0',
  schemaVersion: 1,
  tables: ['pty_sessions', 'pty_panes', 'pending_dialogs'],
  interval: { localS: 10, remoteS: 30 },
  timeoutMs: 9_500,
  remoteTimeoutMs: 25_000,
  needs: [['tmux']],
  tested: { tmux: '3.3a' },
  reads: {
    commands: [
      'tmux -V',
      'tmux -u -S SOCKET list-panes -a -F FIELDS',
      'tmux -u -S SOCKET display-message -p … ; capture-pane -p -J -e',
    ],
  },
  about: 'Sessions and panes of every tmux server of the user, and what the screens of agents show',
  async collect(ctx) {
    const before = await whatWasKnown(ctx)
    const answer = await ctx.run({
      script: `# vc:ask tmux.panes\nN=${randomBytes(8).toString('hex')}\n${TMUX_SCRIPT}`,
      args: [knownPairs(before), asArgument([...before.clis.keys()]), String(MAX_CAPTURES_PER_SERVER)],
      timeoutMs: 8_500,
      maxBytes: 2 * 1024 * 1024,
    })
    if (answer.fault !== null) return { batches: [], fault: answer.fault, detail: answer.detail }
    const parsed = parseTmux(answer.stdout)
    if (parsed.is === 'no_begin') return { batches: [], fault: 'bad_output', detail: firstWords(answer) }
    if (parsed.binary === null) return { batches: [], fault: 'tool_missing', detail: 'no tmux on the PATH' }
    if (!parsed.complete) return { batches: [], fault: 'truncated', detail: 'the list of panes was cut off' }
    return resultOf(parsed, before)
  },
})

const firstWords = (answer: Answer): string =>
  displayText(decodeUtf8(answer.stderr.subarray(0, 200)) || decodeUtf8(answer.stdout.subarray(0, 200)), 200) ||
  'no answer from the script'

const isCli = (value: unknown): value is AgentCli => AGENT_CLIS.some((cli) => cli === value)

const whatWasKnown = async (ctx: CollectContext): Promise<Before> => {
  const [panes, dialogs, agents] = await Promise.all([
    ctx.known('latest_pty_panes'),
    ctx.known('pending_dialogs'),
    ctx.known('latest_agent_processes'),
  ])
  const byPane = (rows: readonly Row[]): ReadonlyMap<string, Row> =>
    new Map(rows.map((row) => [paneKey(String(row.socket), String(row.pane_id)), row]))
  // the session that was there first owns the terminal: a CLI run by another CLI's tool shares it
  const clis = new Map<string, AgentCli>()
  const roots = agents.filter((row) => row.detached !== true && row.pid === row.root_pid)
  for (const row of roots.toSorted((a, b) => Number(b.start_ticks ?? 0) - Number(a.start_ticks ?? 0))) {
    const tty = textCell(row.tty)
    if (tty !== null && isCli(row.cli)) clis.set(tty, row.cli)
  }
  return {
    // terminals outside tmux share the table
    panes: byPane(panes.filter((row) => row.source !== 'terminals')),
    dialogs: byPane(dialogs),
    clis,
    settled: decodeSettled(ctx.cursors.get('settled'), ctx.startedAt),
    at: ctx.startedAt,
  }
}

// Only panes whose row is really there may be skipped: their screen columns have to be carried on from it.
const knownPairs = ({ settled, panes, clis }: Before): string =>
  asArgument(
    [...settled].flatMap(([pane, { key, cli }]) => {
      const row = panes.get(pane)
      const nowCli = clis.get(textCell(row?.tty) ?? '') ?? null
      return row === undefined || nowCli !== cli || pane.includes('\n') ? [] : [`${pane}${UNIT_SEPARATOR}${key}`]
    }),
  )

const resultOf = (text: TmuxText, before: Before): CollectResult => {
  const judged = text.servers.map((server) => ({ server, verdict: judgeServer(server) }))
  const unseen = judged.flatMap(({ verdict }) => (verdict.is === 'unseen' ? [verdict] : []))
  const seen = judged.filter(({ verdict }) => verdict.is !== 'unseen').map(({ server }) => server)
  const blind = unseen[0] !== undefined && seen.length === 0 ? unseen[0] : null
  const unseenSockets = new Set(
    judged.filter(({ verdict }) => verdict.is === 'unseen').map(({ server }) => server.socket),
  )
  const gone = [...new Set([...before.panes.values()].map((row) => String(row.socket)))].filter(
    (socket) => !unseenSockets.has(socket) && !seen.some((server) => server.socket === socket),
  )
  const cliAt = (tty: string | null) => before.clis.get(tty ?? '') ?? null
  const settling = { epochS: text.epochS, at: before.at, before: before.settled, cliAt }
  return {
    batches: [...seen.flatMap((server) => serverBatches(server, before)), ...gone.flatMap(emptyBatches)],
    cursors: [{ key: 'settled', value: settle(seen, settling) }],
    fault: blind?.fault ?? null,
    detail: blind?.detail ?? null,
    partial: unseen.length > 0,
    warnings: unseen.map(({ detail }) => warningOf(detail)),
    ...(text.version === null ? {} : { sourceVersion: text.version }),
  }
}

const warningOf = (detail: string): Warning => ({
  code: 'tmux_server_unseen',
  message: `a tmux server could not be read: ${detail}`,
  fix: 'restart that tmux server, or remove its socket when nothing runs there',
})

// Each server is a picture of its own, so that one that does not answer takes nobody else's panes with it.
const serverBatches = (server: ServerText, before: Before): readonly RowBatch[] => {
  const rows = server.panes.map((pane) => paneRows(server, pane, before))
  const dialogs = rows.flatMap(({ dialog }) => (dialog === null ? [] : [dialog]))
  return [
    { table: 'pty_sessions', scope: server.socket, rows: sessionRows(server) },
    { table: 'pty_panes', scope: server.socket, rows: rows.map(({ pane }) => pane) },
    ...(dialogs.length > 0 ? [{ table: 'pending_dialogs', rows: dialogs }] : []),
  ]
}

const emptyBatches = (socket: string): readonly RowBatch[] => [
  { table: 'pty_sessions', scope: socket, rows: [] },
  { table: 'pty_panes', scope: socket, rows: [] },
]
