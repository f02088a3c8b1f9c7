import { describe, expect, test } from 'vitest'
import { headLine } from '../../../src/tui/app/head.ts'
import { widthOf } from '../../../src/tui/view/cell.ts'

const health = {
  data: {
    overall: { score: 0.4, active_alerts: 13, machine_count: 12, agent_count: 30 },
    machines: Array.from({ length: 12 }, () => ({ status: 'online' })),
    alerts_by_severity: { critical: 11, warning: 2 },
  },
  ageMs: 0,
  error: null,
} as unknown as Parameters<typeof headLine>[0]['health']

const headAt = (width: number, of = health): string =>
  headLine(
    {
      health: of,
      lostMs: null,
      waitingMs: 0,
      now: new Date('2026-11-20T14:00:00Z'),
      at: null,
      theme: 'Amber terminal',
    },
    width,
  )
    .map(({ text }) => text)
    .join('')

describe('the first line', () => {
  test('names the theme where the fleet leaves room for it', () => {
    expect(headAt(120)).toMatch(/▲ 11 critical {2}▲ 2 warning .*Amber terminal {2}14:00:00Z $/)
  })

  test('leaves the theme out before it cuts an alert', () => {
    expect(headAt(100)).toMatch(/▲ 11 critical {2}▲ 2 warning +14:00:00Z $/)
    for (let width = 40; width <= 200; width += 3) expect(widthOf(headAt(width))).toBe(width)
  })

  test('gives no figure for the health of a fleet that nobody has looked at yet', () => {
    const data = { ...(health.data as object), machines: [{ status: 'unknown' }, { status: 'unknown' }] }
    expect(headAt(120, { ...health, data })).toMatch(/0\/2 machines {2}health \? /)
  })
})
