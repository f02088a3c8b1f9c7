import type { ListPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { ageSpan, dayClock, secondsSince } from '../../view/age.ts'
import { emptyWords } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, type Span, span } from '../../view/line.ts'
import { bytes, count } from '../../view/numbers.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { labelled } from '../../view/wrapped.ts'
import { type ConfigModel, type Entry, SCOPES, type Scope, type SettingRow } from './model.ts'

/** What may be shown of a value: harmless ones as they are, of others that they are there, never what they are. */
const words = (one: Entry): string => {
  if (one.kind === 'mcp_server')
    return (
      [one.transport, one.command ?? one.host, one.enabled === false ? 'off' : ''].filter(Boolean).join(' ') || 'set'
    )
  if (one.value !== null) return one.value
  if (one.enabled !== null) return one.enabled ? 'on' : 'off'
  if (one.command !== null) return one.command
  if (one.items !== null) return `${one.items} items`
  return one.value_hash === null ? 'set' : `#${one.value_hash.slice(0, 6)}`
}

const cellOf = (row: SettingRow, scope: Scope): Span => {
  const one = row.entries[scope]
  const lost = row.gone[scope]
  if (one === undefined) return lost === undefined ? span('·', 'muted') : span(`- ${words(lost)}`, 'bad')
  if (one.change === 'appeared') return span(`+ ${words(one)}`, 'good')
  return one.change === 'changed' ? span(`~ ${words(one)}`, 'warn') : span(words(one))
}

const mark = (row: SettingRow): Span => (row.changed ? span('▲', 'warn') : span(' '))

const folder = (path: string): string => path.split('/').filter(Boolean).at(-1) ?? path

const COLUMNS: readonly Column<SettingRow>[] = [
  { head: ' ', of: mark, keep: 1000 },
  { head: 'CLI', of: (row) => span(row.cli, 'info'), least: 5, most: 9, keep: 90 },
  { head: 'KIND', of: (row) => span(row.kind.replaceAll('_', ' '), 'muted'), least: 4, most: 10, keep: 40 },
  { head: 'SETTING', of: (row) => span(row.name, 'strong'), least: 8, most: 30, keep: 1000 },
  ...SCOPES.map((scope) => ({ head: scope.toUpperCase(), of: (row: SettingRow) => cellOf(row, scope), least: 7, most: 26, keep: scope === 'default' ? 70 : 95 })),
  { head: 'IN', of: (row) => span(row.project === null ? '—' : folder(row.project), 'muted'), least: 4, most: 14, keep: 50 },
  { head: 'MACHINE', of: (row) => span(row.machine, 'muted'), least: 5, most: 12, keep: 60 },
] // biome-ignore format: a table

const sinceWords = (model: ConfigModel): Line => {
  const changed = model.rows.filter((row) => row.changed).length
  if (model.since === null) return [span('vc did not look yet a day ago', 'stale')]
  return [span(`${changed} changed since ${dayClock(model.since)}`, changed > 0 ? 'warn' : 'muted')]
}

/** What the agent CLIs are set to, scope beside scope; what changed since yesterday first. */
export const settingsPanel = (model: ConfigModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'settings',
    title: model.onlyChanged ? 'Settings of agents that changed' : 'Settings of agents',
    at,
    answer: view.answers.settings,
    rows: model.rows,
    idOf: ({ key }) => key,
    columns: COLUMNS,
    all: model.allRows,
    what: 'settings',
    empty: {
      why: 'No settings were read.',
      fill: 'vc reads the settings files of Claude Code, Codex, Gemini CLI and OpenCode.',
    },
    note: sinceWords(model),
  })

const entryLines = (scope: Scope, one: Entry, gone: boolean, width: number, now: Date): readonly Line[] => [
  [
    span(scope.padEnd(9), 'accent'),
    span(words(one), gone ? 'bad' : 'plain'),
    span(
      gone ? '  was there yesterday' : one.change === null ? '' : `  ${one.change} since yesterday`,
      gone ? 'bad' : 'warn',
    ),
  ],
  [span(`         ${one.file}  `, 'muted'), ageSpan(secondsSince(one.collected_at, now), 3_600)],
  ...(one.env_names.length === 0
    ? []
    : labelled('', `environment, names only: ${one.env_names.join(' ')}`, width, 'muted', 9)),
  ...(one.header_names.length === 0
    ? []
    : labelled('', `headers, names only: ${one.header_names.join(' ')}`, width, 'muted', 9)),
  ...(one.value !== null || one.value_hash === null
    ? []
    : labelled(
        '',
        `${bytes(one.value_length)}, hash ${one.value_hash}; the value itself never leaves the machine`,
        width,
        'muted',
        9,
      )),
]

/** Where each scope says so, or which files could not be read. */
export const settingPanel = (model: ConfigModel, row: SettingRow | null, at: Rect, view: ScreenView): TextPanel => {
  const width = innerWidth(at)
  const broken = model.files.filter(({ state }) => state !== 'ok')
  return {
    kind: 'text',
    id: 'setting',
    title: row === null ? 'Setting' : `${row.name} of ${row.cli} on ${row.machine}`,
    at,
    note: [
      span(
        broken.length === 0 ? `${count(model.files.length)} files read` : `${broken.length} files unread`,
        broken.length === 0 ? 'muted' : 'warn',
      ),
    ],
    empty: emptyWords(view.answers.settings, { why: 'No setting is chosen.', fill: 'Choose one in the list.' }),
    lines: [
      ...(row === null
        ? []
        : SCOPES.flatMap((scope) => {
            const one = row.entries[scope] ?? row.gone[scope]
            return one === undefined ? [] : entryLines(scope, one, row.entries[scope] === undefined, width, model.now)
          })),
      ...broken.flatMap((file) =>
        labelled(
          'unread',
          `${file.file} on ${file.machine}: ${file.state}${file.detail === null ? '' : `, ${file.detail}`}`,
          width,
          'warn',
          9,
        ),
      ),
    ],
  }
}
