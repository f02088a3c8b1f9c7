import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { AgentRows } from '../../../src/commands/explain-agent.ts'
import type { EvidenceBundle } from '../../../src/commands/explain-bundle.ts'
import type { Row } from '../../../src/core/rows.ts'

type Loose = Record<string, unknown>
const object = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {})
const list = (value: unknown): Loose[] => (Array.isArray(value) ? (value as Loose[]) : [])

// The pane waits for its program until everything else is in place; `exec -a` gives a process the name of a CLI.
const PLAY = `cat "$1"; printf '\\033]2;%s\\033\\\\' "$2"
if [ "$3" = gemini ]; then exec -a node sh "$4/gemini"; fi
exec -a "$3" sleep 900
`

/** A private tmux server with panes that show recorded screens under the names of agent CLIs. */
export const openStage = (at?: string) => {
  const dir = mkdtempSync(join(tmpdir(), 'vc-stage-'))
  const socket = at ?? join(dir, 'sock')
  writeFileSync(join(dir, 'play.sh'), PLAY)
  writeFileSync(join(dir, 'gemini'), 'while :; do sleep 900; done\n')
  writeFileSync(join(dir, 'tmux.conf'), 'set -g status off\nset -g remain-on-exit on\n')
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-u', '-S', socket, '-f', join(dir, 'tmux.conf'), ...args], { encoding: 'utf8' })

  return {
    dir,
    socket,
    tmux,
    /** A pane of that size with that screen; its program is already named `cli`. */
    pane(shown: { cwd: string; screen: string; title: string; width: number; height: number }, program: string) {
      mkdirSync(shown.cwd, { recursive: true })
      const file = join(mkdtempSync(join(dir, 'screen-')), 'screen')
      writeFileSync(file, shown.screen.replace(/\n+$/, '').replaceAll('\n', '\r\n'))
      const size = ['-x', String(shown.width), '-y', String(shown.height)]
      const command = ['bash', join(dir, 'play.sh'), file, shown.title, program, dir]
      const where = '#{pane_id} #{pane_pid} #{start_time}'
      const said = tmux('new-session', '-d', '-P', '-F', where, ...size, '-c', shown.cwd, ...command)
      const [paneId = '', pid = '', startedS = ''] = said.trim().split(' ')
      return { paneId, pid: Number(pid), serverStartS: Number(startedS) }
    },
    close() {
      try {
        tmux('kill-server')
      } catch {
        // No pane was opened.
      }
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

export const startTicks = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
}

/** The program's own name, once it replaced the shell that printed the screen. */
export const programOf = (pid: number): string =>
  basename(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, 2).join(' ').split(' ')[0] ?? '')

const table = (db: DatabaseSync, name: string, rows: readonly Loose[], more: readonly string[] = []): void => {
  const columns = [...new Set([...rows.flatMap((row) => Object.keys(row)), ...more])]
  if (columns.length === 0) return
  db.exec(`CREATE TABLE ${name} (${columns.map((column) => `"${column}"`).join(', ')})`)
  const insert = db.prepare(`INSERT INTO ${name} VALUES (${columns.map(() => '?').join(', ')})`)
  const cell = (value: unknown): string | number | null =>
    typeof value === 'object' && value !== null ? JSON.stringify(value) : ((value ?? null) as string | number | null)
  for (const row of rows) insert.run(...columns.map((column) => cell(row[column])))
}

const fileWith = (path: string, text: string): string => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  return path
}

const THREADS = 'id rollout_path cwd model cli_version approval_mode source updated_at updated_at_ms archived'.split(
  ' ',
)

const lines = (records: unknown): string =>
  list(records)
    .map((record) => `${JSON.stringify(record)}\n`)
    .join('')

/** The files of a recorded agent in a home, as its CLI left them; returns the path that is stored as its transcript. */
export const writeHome = (
  home: string,
  bundle: EvidenceBundle,
  process: { pid: number; ticks: number },
): string | null => {
  const path = typeof bundle.transcript_path === 'string' ? bundle.transcript_path : null
  const live = object(bundle.live_state)
  const name = basename(path ?? '')
  if (bundle.cli === 'claude') {
    const pids = new Set(list(bundle.processes).map((item) => item.pid))
    for (const { file, ...json } of list(live.claude_sessions)) {
      const own = pids.has(json.pid)
      const text = JSON.stringify(own ? { ...json, pid: process.pid, procStart: String(process.ticks) } : json)
      fileWith(join(home, '.claude/sessions', own ? `${process.pid}.json` : String(file)), text)
    }
    return path === null ? null : fileWith(join(home, '.claude/projects/-p', name), lines(bundle.transcript_tail))
  }
  if (bundle.cli === 'codex') {
    const codex = object(live.codex)
    mkdirSync(join(home, '.codex'), { recursive: true })
    const turns = new DatabaseSync(join(home, '.codex/thread_history_1.sqlite'))
    table(turns, 'thread_turns', list(codex.thread_turns), ['started_at'])
    turns.close()
    const threads = new DatabaseSync(join(home, '.codex/state_5.sqlite'))
    table(threads, 'threads', list(codex.threads), THREADS)
    threads.close()
    return path === null
      ? null
      : fileWith(join(home, '.codex/sessions/2026/11/20', name), lines(bundle.transcript_tail))
  }
  if (bundle.cli === 'gemini')
    return path === null ? null : fileWith(join(home, '.gemini/tmp/p/chats', name), lines(bundle.transcript_tail))
  const opencode = object(live.opencode)
  const data = join(home, '.local/share/opencode')
  const log = [...list(opencode.log_tail), ...list(opencode.log_tail_of_this_run)] as unknown as string[]
  fileWith(
    join(data, 'log/opencode.log'),
    [...new Set(log)]
      .sort()
      .map((line) => `${line}\n`)
      .join(''),
  )
  const session_id = /session=(\S+)/.exec(path ?? '')?.[1] ?? null
  const rows = list(bundle.transcript_tail).map(({ tbl, ...row }) => ({ tbl, row: { ...row, session_id } }))
  const db = new DatabaseSync(join(data, 'opencode.db'))
  const columns = ['id', 'session_id', 'message_id', 'time_created', 'time_updated', 'data']
  table(db, 'session', list(opencode.sessions), [
    'id',
    'parent_id',
    'directory',
    'version',
    'time_created',
    'time_updated',
  ])
  table(
    db,
    'message',
    rows.filter(({ tbl }) => tbl === 'message').map(({ row }) => row),
    columns,
  )
  table(
    db,
    'part',
    rows.filter(({ tbl }) => tbl === 'part').map(({ row }) => row),
    columns,
  )
  table(
    db,
    'event',
    list(opencode.events).map((row) => ({ ...row, aggregate_id: session_id })),
    ['aggregate_id', 'seq', 'type'],
  )
  table(db, 'credential', [{ secret: 'never selected' }])
  db.close()
  return join(data, 'opencode.db')
}

/** What the store would hold of such an agent. */
export const storedRows = (
  over: { readonly [Key in keyof AgentRows]?: AgentRows[Key] } & { agent: Row },
): AgentRows => ({
  state: null,
  pane: null,
  processes: [],
  session: null,
  aliases: [],
  ...over,
})
