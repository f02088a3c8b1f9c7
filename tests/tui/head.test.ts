import { expect, test } from 'vitest'
import { headLine } from '../../src/tui/app/head.ts'

const headOf = (data: unknown, lostMs: number | null): string =>
  headLine(
    {
      health: { data, ageMs: null, staleness: {}, warnings: [], error: null },
      lostMs,
      waitingMs: 0,
      now: new Date('2026-11-20T12:00:00Z'),
      at: null,
      theme: 'ash',
    },
    100,
  )
    .map(({ text }) => text)
    .join('')

const HEALTHY = {
  overall: { score: 1, severity: 'healthy', active_alerts: 0, machine_count: 0, agent_count: 0 },
  machines: [],
  alerts_by_severity: { critical: 0, warning: 0, info: 0 },
}

test('a daemon that answered before is lost; where none ever did, there is none', () => {
  expect(headOf(HEALTHY, 10_000)).toContain('○ daemon lost 10 s, knocking')
  expect(headOf(null, 10_000)).toContain('○ no daemon for 10 s, knocking')
  expect(headOf(HEALTHY, null)).toContain('12:00:00Z')
})
