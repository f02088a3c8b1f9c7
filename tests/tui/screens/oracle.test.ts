import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { oracle as screen } from '../../../src/tui/screens/oracle.ts'
import { enter, press, rowIds } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'
import { answered } from './snapshot.ts'

const oracle = screen as unknown as Screen

holdsScreen(oracle)

const view = recordedView('oracle')
const line = { scored: 40, known: 30, came: 12, timed: 12, median_relative_error: 0.18, p90_relative_error: 0.6 }

test('accuracy, calibration and budgets are told in words and figures', () => {
  const told = recordedView('oracle', (data, as) => {
    if (as === 'oracle')
      return answered({
        ...(data as object),
        kinds: [
          {
            ...line,
            kind: 'limit',
            brier: 0.08,
            coverage_80: 0.82,
            calibration: [{ said_from: 0.8, said_mean: 0.86, came_share: 0.9, n: 10 }],
          },
        ],
      })
    if (as !== 'cost') return answered(data)
    const expected = {
      spent_microusd: 4e6,
      expected_microusd: 9e6,
      interval_microusd: { low: 7e6, high: 12e6 },
      days_seen: 9,
    }
    const budget = {
      ...expected,
      period: 'day',
      limit_microusd: 8e6,
      spent_pct: 50,
      probability_over: 0.7,
      used_up_at: null,
    }
    return answered({
      ...(data as object),
      forecast: { day: expected, month: expected, next_30_days: null },
      budgets: [budget],
    })
  })
  const panels = oracle.panels(oracle.model(told), { columns: 160, rows: 45 }, told)
  const words = (id: string) => {
    const panel = panels.find((one) => one.id === id)
    return panel?.kind === 'text' ? panel.lines.map((spans) => spans.map(({ text }) => text).join('')) : []
  }
  expect(words('accuracy')).toEqual([
    expect.stringMatching(
      /^limit +30 of 40 with an outcome, 12 came {2}error 18% {2}Brier 0.080 {2}intervals held 82%/,
    ),
    expect.stringMatching(/86%→90%·10/),
  ])
  expect(words('trajectory')).toEqual([
    expect.stringMatching(/today +\$4.00 {2}→ +\$9.00 {2}80 %: \$7.00–\$12.00/),
    expect.stringMatching(/^month/),
    expect.stringMatching(/day limit +\$8.00 {2}over with 70%/),
  ])
})

test('a window opens its advice, a stuck agent its screen, c the costs', () => {
  expect(enter(oracle, view, 'limits', rowIds(oracle, view, 'limits')[0] ?? '')).toMatchObject({
    wish: 'detail',
    text: expect.stringContaining('advice: wait for reset'),
  })
  expect(enter(oracle, view, 'stuck', rowIds(oracle, view, 'stuck')[0] ?? '')).toEqual({
    wish: 'go',
    screen: 'agents',
    chosen: { agents: 'cygnus/gemini-7aqi' },
  })
  expect(press(oracle, view, 'c')).toEqual({ wish: 'go', screen: 'costs' })
})
