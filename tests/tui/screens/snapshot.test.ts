import { describe, expect, test } from 'vitest'
import { defineScreen } from '../../../src/tui/screen.ts'
import { beside, innerWidth, stack, whole } from '../../../src/tui/view/arrange.ts'
import { columns } from '../../../src/tui/view/columns.ts'
import { span } from '../../../src/tui/view/line.ts'
import {
  answered,
  expectScreen,
  expectStraight,
  HOSTILE,
  LARGE,
  panelsOf,
  renderScreen,
  SMALL,
  viewOf,
} from './snapshot.ts'

// A screen with a panel of every kind, so that the harness itself is held.
const sample = defineScreen<readonly string[]>({
  id: 'sample',
  key: '1',
  title: 'Sample',
  about: 'a list, a text and a chart',
  asks: () => [],
  model: (view) => (view.answers.names?.data as readonly string[] | undefined) ?? [],
  panels(names, size) {
    const [above, below] = stack(whole(size), { part: 1 }, 9)
    if (!above || !below) return []
    const [left, right] = beside(above, { part: 1 }, { part: 1 })
    if (!left || !right) return []
    const table = columns(
      names,
      [
        { head: 'NAME', of: (name) => name, least: 6, keep: Infinity },
        { head: 'N', of: (n) => String(n.length), align: 'right' },
      ],
      innerWidth(left),
    )
    return [
      {
        kind: 'list',
        id: 'names',
        title: 'Names',
        at: left,
        head: table.head,
        rows: names.map((_, at) => ({ id: `${at}`, line: table.lines[at] ?? [] })),
        note: [span('2 m old', 'stale')],
      },
      {
        kind: 'text',
        id: 'words',
        title: 'Words',
        at: right,
        lines: [],
        empty: { why: 'Nothing was said.', fill: 'Say something and look again.' },
      },
      {
        kind: 'chart',
        id: 'load',
        title: 'Load',
        at: below,
        unit: '%',
        max: 100,
        times: ['2026-11-20T06:00:00Z', '2026-11-20T12:00:00Z'],
        series: [{ name: 'cpu', tone: 'series1', values: [10, 40, null, 80, 30, 60] }],
      },
    ]
  },
  keys: [],
})

describe('a screen in an emulated terminal', () => {
  for (const [name, size] of [
    ['80x24', SMALL],
    ['160x48', LARGE],
  ] as const)
    test(`looks so at ${name}`, async () => {
      const view = viewOf({ names: answered(['atlas', 'orko', 'sydneymc']) })
      await expectScreen(`sample-${name}`, await renderScreen(sample, { size, view }))
    })

  test('keeps its borders straight whatever the names are', async () => {
    for (const size of [SMALL, LARGE]) {
      const view = viewOf({ names: answered(HOSTILE) })
      const text = await renderScreen(sample, { size, view })
      expectStraight(text, panelsOf(sample, { size, view }), size)
      expect(text).toContain('日本語')
      expect(text).toContain('{red-fg}tag')
    }
  })
})
