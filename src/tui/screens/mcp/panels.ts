import type { ListPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageWords, secondsSince } from '../../view/age.ts'
import { innerWidth } from '../../view/arrange.ts'
import { clip } from '../../view/cell.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, type Span, span } from '../../view/line.ts'
import { UNKNOWN } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { textPanel } from '../../view/text-panel.ts'
import { labelled } from '../../view/wrapped.ts'
import type { ConfigFile, McpModel, Server, ServerSeen } from './model.ts'

const MASK = '••••'

/** Values never leave the machine: names stand with a mask, so that nobody takes them for empty. */
const masked = (names: readonly string[], between: string): string =>
  names.map((name) => `${name}${between}${MASK}`).join(' ')

const status = ({ enabled }: Server): Span =>
  enabled === true ? span('✓', 'good') : enabled === false ? span('○', 'muted') : span('●', 'plain')

const statusWords = ({ enabled }: Server): Span =>
  enabled === true
    ? span('enabled', 'good')
    : enabled === false
      ? span('disabled', 'muted')
      : span('configured', 'plain')

const reached = ({ transport, command, host }: Server): string =>
  [transport ?? UNKNOWN, host ?? command ?? ''].filter((word) => word !== '').join(' ')

const SERVERS: readonly Column<ServerSeen>[] = [
  { head: ' ', of: ({ server }) => status(server), keep: 1000 },
  { head: 'SERVER', of: ({ server }) => span(server.name, 'strong'), least: 8, most: 24, keep: 1000 },
  { head: 'STATUS', of: ({ server }) => statusWords(server), least: 10, keep: 90 },
  { head: 'CLI', of: ({ server }) => server.cli, least: 6, keep: 85 },
  { head: 'MACHINE', of: ({ server }) => span(server.machine, 'muted'), least: 6, most: 16, keep: 80 },
  { head: 'SCOPE', of: ({ server }) => server.scope, least: 7, keep: 60 },
  { head: 'PROJECT', of: ({ server }) => span(server.project ?? 'everywhere', 'muted'), least: 10, most: 36, keep: 40 },
  { head: 'BY', of: ({ server }) => reached(server), least: 8, most: 36, keep: 70 },
  { head: 'ENV AND HEADERS', of: ({ server }) => span([masked(server.env_names, '='), masked(server.header_names, ': ')].filter((text) => text !== '').join('  '), 'muted'), least: 10, keep: 50 },
  { head: ' ', of: ({ differs }) => span(differs ? 'differs' : '', 'warn'), keep: 45 },
] // biome-ignore format: a table

/** MCP servers of the agents, by name. */
export const serversPanel = (model: McpModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'servers',
    title: 'MCP servers of the agents',
    at,
    answer: view.answers.settings,
    staleAfterMs: 90_000,
    rows: model.servers,
    idOf: ({ id }) => id,
    columns: SERVERS,
    all: model.allServers,
    what: 'servers',
    empty: {
      why: 'No agent is set up with an MCP server.',
      fill: 'They are read from the settings of Claude Code, Codex, Gemini CLI and OpenCode.',
    },
    note: [],
  })

const serverLines = ({ server, differs }: ServerSeen, now: Date, width: number): readonly Line[] => [
  ...labelled('server', `${server.name} of ${server.cli} on ${server.machine}`, width),
  ...labelled(
    'status',
    server.enabled === null
      ? 'configured; the file does not say whether it is enabled, and whether it runs is not seen'
      : server.enabled
        ? 'enabled'
        : 'disabled',
    width,
  ),
  ...labelled('reached', `${reached(server)}${server.items === null ? '' : `, ${server.items} arguments`}`, width),
  ...(server.env_names.length === 0 ? [] : labelled('env', masked(server.env_names, '='), width)),
  ...(server.header_names.length === 0 ? [] : labelled('headers', masked(server.header_names, ': '), width)),
  ...labelled('scope', `${server.scope}${server.project === null ? '' : `, ${server.project}`}`, width),
  ...(differs
    ? labelled('differs', `another place sets up ${server.name} for ${server.cli} in another way`, width, 'warn')
    : []),
  ...labelled('file', `${server.file}, read ${ageWords(secondsSince(server.collected_at, now))} ago`, width, 'muted'),
]

export const serverDetail = (model: McpModel, at: Rect, view: ScreenView): TextPanel =>
  textPanel({
    id: 'server',
    title: model.selected === null ? 'Server' : clip(model.selected.server.name, 40),
    at,
    answer: view.answers.settings,
    staleAfterMs: 90_000,
    empty: {
      why: 'No server is chosen.',
      fill: 'Choose one in the list with j and k.',
    },
    lines: model.selected === null ? [] : serverLines(model.selected, view.at ?? view.now, innerWidth(at)),
  })

const STATE_WORDS: Readonly<Record<string, string>> = {
  linked: 'a link, not followed',
  too_large: 'too large',
  foreign: 'no plain file',
}

const fileLine = (one: ConfigFile, width: number): readonly Line[] =>
  labelled(
    one.machine.slice(0, 10),
    `${one.file}: ${STATE_WORDS[one.state] ?? one.state}${one.detail === null ? '' : ` (${one.detail})`}`,
    width,
    'warn',
  )

/** Settings files that vc could not read: servers may stand in them unseen. */
export const unreadPanel = (model: McpModel, at: Rect, view: ScreenView): TextPanel =>
  textPanel({
    id: 'unread',
    title: 'Settings that could not be read',
    at,
    answer: view.answers.settings,
    staleAfterMs: 90_000,
    empty: {
      why: 'All settings files that were found could be read.',
      fill: 'A broken or linked file would stand here.',
    },
    lines: model.unread.flatMap((one) => fileLine(one, innerWidth(at))),
  })
