import type { ListPanel, Rect, TextPanel } from '../../panel.ts'
import type { ScreenView } from '../../screen.ts'
import { emptyWords, standing } from '../../view/answer-notes.ts'
import { innerWidth } from '../../view/arrange.ts'
import type { Column } from '../../view/columns.ts'
import { type Line, type Span, span } from '../../view/line.ts'
import { tablePanel } from '../../view/table-panel.ts'
import { labelled } from '../../view/wrapped.ts'
import type { ConfigModel, OwnKey } from './model.ts'

const differs = (key: OwnKey): boolean => key.now !== null && key.now !== key.default

const sign = (key: OwnKey): Span =>
  key.next !== null ? span('▲', 'warn') : key.line !== null ? span('●', 'accent') : span('·', 'muted')

const now = (key: OwnKey): Span =>
  key.now === null ? span('see vc config show', 'muted') : span(key.now, differs(key) ? 'good' : 'plain')

const COLUMNS: readonly Column<OwnKey>[] = [
  { head: ' ', of: sign, keep: 1000 },
  { head: 'KEY', of: (key) => span(key.path, 'strong'), least: 30, most: 48, keep: 1000 },
  { head: 'IN FORCE', of: now, least: 8, most: 28, keep: 95 },
  { head: 'FILE SAYS', of: (key) => (key.next === null ? span('·', 'muted') : span(key.next, 'warn')), least: 6, most: 20, keep: 90 },
  { head: 'DEFAULT', of: (key) => span(key.default, 'muted'), least: 6, most: 20, keep: 60 },
  { head: 'LINE', align: 'right', of: (key) => (key.line === null ? span('·', 'muted') : String(key.line)), keep: 50 },
  { head: 'WHAT IT DOES', of: (key) => span(key.about, 'muted'), least: 16, keep: 40 },
] // biome-ignore format: a table

const note = (model: ConfigModel): Line =>
  model.pending > 0
    ? [span(`${model.pending} not in force yet: R`, 'warn')]
    : [span(model.file ?? 'built in: no file', 'muted')]

/** vc's own configuration, key by key. */
export const keysPanel = (model: ConfigModel, at: Rect, view: ScreenView): ListPanel =>
  tablePanel({
    id: 'keys',
    title: model.onlyChanged ? 'vc.toml: keys that are set' : 'vc.toml',
    at,
    answer: view.answers.config,
    rows: model.keys,
    idOf: ({ path }) => path,
    columns: COLUMNS,
    all: model.allKeys,
    what: 'keys',
    empty: { why: 'No key was told.', fill: 'The daemon tells its configuration; vc config show does without one.' },
    note: note(model),
  })

const keyLines = (key: OwnKey, width: number): readonly Line[] => [
  ...labelled('means', key.about, width),
  ...labelled('must be', key.type, width, 'info'),
  ...labelled('in force', key.now ?? 'a list of blocks: vc config show', width, differs(key) ? 'good' : 'plain'),
  ...(key.next === null ? [] : labelled('file says', `${key.next}, which is not in force yet (R)`, width, 'warn')),
  ...labelled('default', key.default, width, 'muted'),
  ...labelled('stands', key.line === null ? 'not in the file' : `on line ${key.line}`, width, 'muted'),
]

/** The chosen key in words, and what lint says of the file. */
export const keyPanel = (model: ConfigModel, key: OwnKey | null, at: Rect, view: ScreenView): TextPanel => {
  const width = innerWidth(at)
  return {
    kind: 'text',
    id: 'key',
    title: key === null ? 'Key' : `${key.header} ${key.path.split('.').at(-1)}`,
    at,
    ...standing(view.answers.config),
    ...(model.problems.length === 0 ? {} : { note: [span(`lint: ${model.problems.length} problems`, 'bad')] }),
    empty: emptyWords(view.answers.config, { why: 'No key is chosen.', fill: 'Choose one in the list; e edits it.' }),
    lines: [
      ...model.problems.flatMap((problem) => [
        ...labelled(
          problem.severity,
          `${problem.line === null ? '' : `line ${problem.line}: `}${problem.message}`,
          width,
          problem.severity === 'error' ? 'bad' : 'warn',
        ),
        ...labelled('  fix', problem.fix, width, 'info'),
      ]),
      ...(key === null ? [] : keyLines(key, width)),
    ],
  }
}
