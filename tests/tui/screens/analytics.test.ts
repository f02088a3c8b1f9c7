import { expect, test } from 'vitest'
import type { Screen } from '../../../src/tui/screen.ts'
import { analytics as screen } from '../../../src/tui/screens/analytics.ts'
import { press, rowIds } from './keys.ts'
import { holdsScreen, recordedView } from './recorded.ts'
import { answered } from './snapshot.ts'

const analytics = screen as unknown as Screen

holdsScreen(analytics)

const view = recordedView('analytics')

const heat = (more: typeof view): readonly string[] => {
  const panel = analytics
    .panels(analytics.model(more), { columns: 160, rows: 45 }, more)
    .find(({ id }) => id === 'heat')
  return panel?.kind === 'text' ? panel.lines.map((spans) => spans.map(({ text }) => text).join('')) : []
}

test('the busiest hour is dark, an hour without use is a dot and never a zero', () => {
  const week = {
    groups: [
      { key: '1-09', total_tokens: 4_000_000, cost_microusd: 2e6, messages: 7 },
      { key: '7-23', total_tokens: 1_000_000, cost_microusd: 8e6, messages: 9 },
    ],
  }
  const one = recordedView('analytics', (data, as) => answered(as === 'week' ? week : data))
  const lines = heat(one)
  expect(lines[1]).toMatch(/^Mon ((··· ){9})███ (··· ){14} +4.0M$/)
  expect(lines[7]).toMatch(/^Sun ((··· ){23})░░░ +1.0M$/)
  expect(lines[2]).toMatch(/—$/)
  expect(lines.at(-1)).toContain('busiest: Mon 09:00 UTC, 4.0M tokens')
  expect(press(analytics, one, 's')).toMatchObject({ value: 'cost_microusd' })
  const money = { ...one, options: { 'analytics.measure': 'cost_microusd' } }
  expect(heat(money).at(-1)).toContain('busiest: Sun 23:00 UTC, $8.00 cost')
})

test('a text narrows the trends', () => {
  const of = recordedView('analytics', null, { filter: { ...view.filter, text: 'agents' } })
  expect(rowIds(analytics, of, 'trends')).toEqual(['agents_active', 'agents_idle', 'agents_waiting', 'agents_trouble'])
})

test('what is shown as now is of the newest key figures, and says when those are old', () => {
  const shot = { ts: '2026-11-20T10:00:00.000Z', agents_active: 3, tokens_today: null }
  const kpi = {
    now: shot,
    snapshots: [shot],
    trend: ['agents_active', 'tokens_today'].map((figure) => ({
      ...{ figure, samples: 1, first: 7, last: 7, mean: 7, min: 7, max: 7, per_hour: null },
    })),
  }
  const nowOf = (now: string): readonly string[] => {
    const of = recordedView('analytics', (data, as) => answered(as === 'kpi' ? kpi : data), { now: new Date(now) })
    const panel = analytics
      .panels(analytics.model(of), { columns: 160, rows: 45 }, of)
      .find(({ id }) => id === 'trends')
    return panel?.kind === 'list' ? panel.rows.map(({ line }) => line.map(({ text }) => text).join('')) : []
  }
  expect(nowOf('2026-11-20T10:05:00Z')[0]).toMatch(/^agents active +3 /)
  expect(nowOf('2026-11-20T10:05:00Z')[1]).toMatch(/^tokens today +\? /)
  expect(nowOf('2026-11-20T15:05:00Z')[0]).toMatch(/^agents active +3, 5 h ago /)
})
