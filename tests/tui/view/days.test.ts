import { expect, test } from 'vitest'
import { everyDay } from '../../../src/tui/view/days.ts'

test('days without a row stand between those with one, up to today', () => {
  const rows = [
    { key: '2026-10-30', cost: 1 },
    { key: '2026-11-01', cost: 2 },
  ]
  expect(everyDay(rows, new Date('2026-11-02T00:00:00Z'))).toEqual([
    { at: '2026-10-30T00:00:00.000Z', row: rows[0] },
    { at: '2026-10-31T00:00:00.000Z', row: null },
    { at: '2026-11-01T00:00:00.000Z', row: rows[1] },
    { at: '2026-11-02T00:00:00.000Z', row: null },
  ])
  expect(everyDay([], new Date())).toEqual([])
})
