import type { AgentCli } from '../../core/agent.ts'
import type { CollectContext } from '../../core/collector.ts'
import type { Cell, Row } from '../../core/rows.ts'
import { decodeUtf8 } from '../../core/text.ts'
import { sighting } from '../agent-evidence/sighting.ts'
import { readTitle } from '../agent-evidence/title.ts'
import { textCell, timeOf } from '../row-cells.ts'
import { sh } from '../sh.ts'
import { keep, sightingRow } from './rows.ts'

/** Their title is their live state; Claude has a registry and OpenCode a log. */
const BY_TITLE: ReadonlySet<unknown> = new Set(['codex', 'gemini'])

/** "$1": tmux; "$2".."$n": sockets of servers that hold such agents. `S <n>`, then `<server start> <pane id> <title>` lines. */
const TITLES_SCRIPT = sh`# vc:ask live.titles
T=$1; shift
n=0
for s in "$@"; do
  n=$((n + 1))
  printf 'S %s\n' "$n"
  "$T" -u -S "$s" list-panes -a -F '#{start_time} #{pane_id} #{pane_title}' </dev/null 2>/dev/null
done
exit 0
`

interface TitledPane {
  readonly cli: AgentCli
  readonly socket: string
  /** `<socket>:<server start>:<pane id>`, as identities know it. */
  readonly key: string
  readonly cwd: string | null
}

const paneKeyOf = (socket: string, startS: string, paneId: string): string => `${socket}:${startS}:${paneId}`

const terminalOf = (cell: Cell | undefined): string | null => textCell(cell)?.replace(/^\/dev\//, '') ?? null

/** Panes of tmux in which a CLI runs that speaks by its title, as last committed. */
export function titledPanes(processes: readonly Row[], panes: readonly Row[]): readonly TitledPane[] {
  const byTty = new Map(
    processes
      .filter((row) => BY_TITLE.has(row.cli) && row.gone !== true && row.pid === row.root_pid)
      .map((row) => [terminalOf(row.tty), row.cli as AgentCli]),
  )
  return panes.flatMap((row) => {
    const [cli, socket, startS] = [byTty.get(terminalOf(row.tty)), textCell(row.socket), row.server_start_epoch_s]
    if (cli === undefined || row.tty === null || row.gone === true || !socket?.startsWith('/') || startS == null)
      return []
    const key = paneKeyOf(socket, String(startS), textCell(row.pane_id) ?? '')
    return [{ cli, socket, key, cwd: textCell(row.current_path) }]
  })
}

/** Pane key to title. */
export function parseTitles(output: string, sockets: readonly string[]): ReadonlyMap<string, string> {
  const titles = new Map<string, string>()
  let socket = ''
  for (const line of output.split('\n')) {
    const server = /^S (\d+)$/.exec(line)
    if (server) socket = sockets[Number(server[1]) - 1] ?? ''
    const pane = /^(\d{1,12}) (%\d{1,9}) (.*)$/.exec(line)
    if (pane && socket !== '') titles.set(paneKeyOf(socket, pane[1] ?? '', pane[2] ?? ''), pane[3] ?? '')
  }
  return titles
}

/** Two looks at most this far apart leave nothing between them that a person would miss; after a longer pause nobody knows. */
const WITNESSED_MS = 15_000

/** Since when a title says so: its change was seen, or it stood unchanged since one was. Null: nobody looked then. */
function witnessedSince(before: Row | undefined, rule: string, at: Date): Date | null {
  const lookedMs = timeOf(before?.collected_at)
  if (before === undefined || lookedMs === null || at.getTime() - lookedMs > WITNESSED_MS) return null
  const sinceMs = before.rule === rule ? timeOf(before.since) : at.getTime()
  return sinceMs === null ? null : new Date(sinceMs)
}

/** What a title says, with the moment since when it says so; a title that says nothing is told too. */
export function titleRow(pane: TitledPane, title: string, known: readonly Row[], at: Date): Row {
  const said =
    readTitle(pane.cli, title, { at, cwd: pane.cwd }) ??
    sighting({ tier: 'live', source: `${pane.cli}.title`, says: 'unknown', rule: 'nothing', version: '', asOf: at })
  const before = known.find((row) => row.pane_key === pane.key && row.cli === pane.cli && row.gone !== true)
  const sinceMs = before?.rule === said.rule ? timeOf(before.as_of) : null
  const since = witnessedSince(before, said.rule, at)
  return sightingRow(
    pane.cli,
    { ...said, since, asOf: sinceMs === null ? at : new Date(sinceMs) },
    { paneKey: pane.key },
  )
}

const lastTitles = (panes: readonly TitledPane[], known: readonly Row[]): readonly Row[] =>
  known
    .filter((row) => row.gone !== true && row.sighting_source === `${row.cli}.title`)
    .filter((row) => panes.some(({ cli, key }) => cli === row.cli && key === row.pane_key))
    .map(keep)

/** Titles of Codex and Gemini in tmux, one look; empty where none runs there. */
export async function titleRows(ctx: CollectContext, known: readonly Row[]): Promise<readonly Row[]> {
  const binary = ctx.machine.tools?.get('tmux')
  if (binary === undefined) return []
  const panes = titledPanes(await ctx.known('latest_agent_processes'), await ctx.known('latest_pty_panes'))
  if (panes.length === 0) return []
  const sockets = [...new Set(panes.map(({ socket }) => socket))]
  const answer = await ctx.run({
    script: TITLES_SCRIPT,
    args: [binary, ...sockets],
    timeoutMs: 1_500,
    maxBytes: 1_000_000,
  })
  // the tmux collector tells what is wrong with a server; here its silence leaves the titles as they were last seen
  if (answer.fault !== null) return lastTitles(panes, known)
  const titles = parseTitles(decodeUtf8(answer.stdout), sockets)
  return panes.flatMap((pane) => {
    const title = titles.get(pane.key)
    return title === undefined ? [] : [titleRow(pane, title, known, ctx.startedAt)]
  })
}
