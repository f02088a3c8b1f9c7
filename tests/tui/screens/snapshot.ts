import { join } from 'node:path'
import { expect } from 'vitest'
import { bodyArea, placed } from '../../../src/tui/paint/body.ts'
import { paintPanel, restingStand } from '../../../src/tui/paint/panel.ts'
import type { Panel, Size } from '../../../src/tui/panel.ts'
import type { AnswerNow, FilterBar, Screen, ScreenView } from '../../../src/tui/screen.ts'
import { themeNamed } from '../../../src/tui/themes/index.ts'
import { openTerminal } from '../../../src/tui/ui/terminal.ts'
import { clusters } from '../../../src/tui/view/clusters.ts'
import type { Line } from '../../../src/tui/view/line.ts'
import { openFakeTty } from '../fake-tty.ts'

export const SMALL: Size = { columns: 80, rows: 24 }
export const LARGE: Size = { columns: 160, rows: 48 }
/** The least a screen must be sensible at. */
export const LEAST: Size = { columns: 60, rows: 18 }

/** The moment at which every recorded answer is looked at. */
export const NOW = new Date('2026-11-20T12:00:00Z')

const NO_FILTER: FilterBar = { machine: null, repo: null, provider: null, hours: 24, text: '' }

/** An answer as the app keeps it: just come, unless told otherwise. */
export const answered = (data: unknown, more: Partial<AnswerNow> = {}): AnswerNow => ({
  data,
  ageMs: 400,
  staleness: {},
  warnings: [],
  error: null,
  ...more,
})

/** Never answered. */
export const NOT_YET: AnswerNow = { data: null, ageMs: null, staleness: {}, warnings: [], error: null }

/** An answer that is old because the daemon does not answer any more. */
export const outdated = (data: unknown, ageMs = 150_000): AnswerNow =>
  answered(data, {
    ageMs,
    error: { line: 'the daemon does not answer', detail: 'connect ENOENT vc.sock\nfix: vc daemon start' },
  })

/** Refused, and nothing older to show. */
export const refused = (
  line = 'the store refused this question',
  detail = 'no_history: vc had not looked yet',
): AnswerNow => ({
  ...NOT_YET,
  error: { line, detail },
})

/** What a screen sees. */
export const viewOf = (answers: Readonly<Record<string, AnswerNow>>, more: Partial<ScreenView> = {}): ScreenView => ({
  now: NOW,
  at: null,
  filter: NO_FILTER,
  answers,
  chosen: {},
  options: {},
  ...more,
})

interface Shown {
  readonly size: Size
  readonly view: ScreenView
  /** Panel that has the focus; default the first. */
  readonly focus?: string
  readonly theme?: string
  /** Lines of live panels by agent id. */
  readonly live?: Readonly<Record<string, readonly Line[]>>
}

/** The panels a screen asks for in a terminal of this size. */
export const panelsOf = (screen: Screen, { size, view }: Pick<Shown, 'size' | 'view'>): readonly Panel[] => {
  const body = bodyArea(size)
  return screen.panels(screen.model(view), { columns: body.width, rows: body.height }, view)
}

/** A screen as a person sees it (head and footer of the app left out), painted by the real painter into an emulated terminal. */
export const renderScreen = async (screen: Screen, shown: Shown): Promise<string> => {
  const { size, view, theme = 'neural' } = shown
  const fake = openFakeTty(size)
  const terminal = openTerminal(fake.tty, {
    theme: themeNamed(theme, 256),
    mouse: false,
    inlineRows: null,
    onInput: () => undefined,
    onResize: () => undefined,
  })
  try {
    const body = bodyArea(size)
    const panels = panelsOf(screen, shown)
    const first = panels[0]?.id
    terminal.paint(
      panels.map((panel) => {
        const at = placed(panel.at, { ...body, y: 0 })
        const chosen = panel.kind === 'list' ? (view.chosen[panel.id] ?? panel.rows[0]?.id ?? null) : null
        const live =
          panel.kind === 'live' ? { lines: shown.live?.[panel.agentId] ?? [], note: panel.note ?? [] } : undefined
        const stand = {
          ...restingStand,
          focused: panel.id === (shown.focus ?? first),
          chosen,
          ...(live ? { live } : {}),
        }
        return { id: panel.id, at, paint: (surface) => paintPanel(surface, { ...panel, at }, stand) }
      }),
    )
    await fake.drawn()
    return `${fake.lines().slice(0, body.height).join('\n')}\n`
  } finally {
    terminal.close()
  }
}

/** Compares with tests/tui/snapshots/<name>.txt; `npx vitest run -u <file>` writes it anew. */
export const expectScreen = async (name: string, text: string): Promise<void> => {
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, '..', 'snapshots', `${name}.txt`))
}

/** Strings that break careless screens; put them where names, paths and titles of others go. */
export const HOSTILE: readonly string[] = [
  '日本語の名前プロジェクト',
  '🚀⚡👩‍👧‍👦🇩🇪❤️',
  'e\u0301\u0302\u0303\u0304 zalgo z\u0335\u0321\u0322',
  '\u001b[31mred\u001b[0m\u001b]0;title\u0007\u0000\r\nnext',
  '{red-fg}tag{/red-fg}{bold}',
  'x'.repeat(10_240),
  '한국어 ไทย العربية עברית',
]

const cellAt = (row: string, column: number): string => {
  let at = 0
  for (const { text, width } of clusters(row)) {
    if (at >= column) return at === column ? text : ' '
    at += width
  }
  return ' '
}

/** Every row of a panel's frame ends in the same column: fails with the row that does not. */
export const expectStraight = (text: string, panels: readonly Panel[], size: Size): void => {
  const body = bodyArea(size)
  const rows = text.split('\n')
  for (const panel of panels) {
    const at = placed(panel.at, { ...body, y: 0 })
    if (at.width < 2 || at.height < 2) continue
    for (let y = at.y; y < at.y + at.height; y += 1) {
      const right = cellAt(rows[y] ?? '', at.x + at.width - 1)
      expect(`${panel.id} row ${y}: ${'│┃┐┘'.includes(right) ? 'straight' : `'${right}' in ${rows[y]}`}`).toBe(
        `${panel.id} row ${y}: straight`,
      )
    }
  }
}
