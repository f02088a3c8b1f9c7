import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { AnswerNow, Screen, ScreenView } from '../../../src/tui/screen.ts'
import {
  answered,
  expectScreen,
  expectStraight,
  HOSTILE,
  LARGE,
  LEAST,
  NOT_YET,
  outdated,
  panelsOf,
  refused,
  renderScreen,
  SMALL,
  viewOf,
} from './snapshot.ts'

interface Recording {
  readonly now: string
  readonly chosen: Readonly<Record<string, string>>
  readonly answers: Readonly<
    Record<string, { readonly data: unknown; readonly staleness: Record<string, number>; readonly warnings: string[] }>
  >
}

/** What a screen was answered by the demo fleet (scripts/record-tui.ts). */
export const recording = (id: string): Recording =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/tui', `${id}.json`), 'utf8')) as Recording

type Change = (data: unknown, as: string) => AnswerNow

/** The recorded view, its answers as `change` makes them. */
export const recordedView = (id: string, change: Change | null = null, more: Partial<ScreenView> = {}): ScreenView => {
  const { now, chosen, answers } = recording(id)
  const changed = Object.entries(answers).map(([as, { data, staleness, warnings }]) => [
    as,
    change === null ? answered(data, { staleness, warnings }) : change(data, as),
  ])
  return viewOf(Object.fromEntries(changed), { now: new Date(now), chosen, ...more })
}

/** The same answer of a vc that knows nothing: no list has a row. */
export const emptied = (data: unknown): unknown => {
  if (Array.isArray(data)) return []
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, emptied(value)]))
}

// Fields with words of machines and people; ids, states and moments stay as they are.
const FOREIGN =
  /^(title|description|action|reason|cwd|label|says|fix|name|path|mount|project|model|detail|top_issue|status_reason|hostname|evidence|comm|worker|program|branch|git_branch|plan|source|command|host|file|why|last_error|transcript|tool|version|cli_version|absent|env_names|reasons|indicators|doubts|text|subject|from|to|holder|thread|assignee|convoy|body|author|look|likely_cause|rule|domain|ip|url|says|about|now|next|default|type|critical_path|central|unread_by|unacked_by)$/

/** The same answer with names that break careless screens. */
export const hostile = (data: unknown): unknown => {
  let at = 0
  const next = (): string => HOSTILE[at++ % HOSTILE.length] ?? ''
  const changed = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return FOREIGN.test(key) ? next() : value
    if (Array.isArray(value)) return value.map((one) => changed(one, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, changed(one, name)]))
  }
  return changed(data, '')
}

const STATES: Readonly<Record<string, Change | null>> = {
  populated: null,
  empty: (data) => answered(emptied(data)),
  stale: (data) => outdated(data),
  failing: () => refused(),
}

/** Every screen is held at both sizes in every state, and keeps its borders whatever the names are. */
export const holdsScreen = (screen: Screen): void => {
  describe(`the screen ${screen.id}`, () => {
    for (const [state, change] of Object.entries(STATES))
      for (const [name, size] of [
        ['80x24', SMALL],
        ['160x48', LARGE],
      ] as const)
        test(`looks so, ${state}, at ${name}`, async () => {
          const view = recordedView(screen.id, change)
          await expectScreen(`${screen.id}-${state}-${name}`, await renderScreen(screen, { size, view }))
        })

    test.each([LEAST, SMALL, { columns: 109, rows: 30 }, LARGE, { columns: 200, rows: 50 }])(
      'keeps its borders straight at $columns×$rows whatever the names are',
      async (size) => {
        const view = recordedView(screen.id, (data) => answered(hostile(data)))
        const text = await renderScreen(screen, { size, view })
        expectStraight(text, panelsOf(screen, { size, view }), size)
        expect(text).not.toContain('\u001b')
      },
    )

    test('says while it waits that it asks, in every panel', async () => {
      const view = recordedView(screen.id, () => NOT_YET)
      const panels = panelsOf(screen, { size: LARGE, view })
      expect(panels.filter((panel) => panel.empty?.why !== 'Asking the daemon …').map(({ id }) => id)).toEqual([])
    })

    test('says of nothing chosen that it is not, in every panel, and not that it asks', () => {
      const empty = recordedView(screen.id, (data) => answered(emptied(data)))
      const asked = new Set(screen.asks(empty).map(({ as }) => as))
      const answers = Object.fromEntries(Object.entries(empty.answers).filter(([as]) => asked.has(as)))
      const panels = panelsOf(screen, { size: LARGE, view: { ...empty, answers } })
      expect(panels.filter((panel) => panel.empty?.why === 'Asking the daemon …').map(({ id }) => id)).toEqual([])
    })

    test('covers its place without a gap or an overlap', () => {
      for (const size of [LEAST, SMALL, LARGE]) {
        const panels = panelsOf(screen, { size, view: recordedView(screen.id) })
        const area = panels.reduce((sum, { at }) => sum + at.width * at.height, 0)
        const wide = Math.max(...panels.map(({ at }) => at.x + at.width))
        const tall = Math.max(...panels.map(({ at }) => at.y + at.height))
        expect([area, wide]).toEqual([wide * tall, size.columns])
      }
    })
  })
}
