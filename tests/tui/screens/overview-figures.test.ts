import { expect, test } from 'vitest'
import type { Screen, ScreenView } from '../../../src/tui/screen.ts'
import { hourlyTokens } from '../../../src/tui/screens/overview/fleet.ts'
import type { Usage } from '../../../src/tui/screens/overview/model.ts'
import { overview } from '../../../src/tui/screens/overview.ts'
import { recordedView } from './recorded.ts'
import { answered, LARGE, NOT_YET, renderScreen, SMALL } from './snapshot.ts'

const screen = overview as unknown as Screen
const at = (iso: string) => new Date(iso)

const used = (hours: Readonly<Record<string, number>>): Usage =>
  ({ groups: Object.entries(hours).map(([key, total_tokens]) => ({ key, total_tokens })) }) as unknown as Usage

test('velocity counts whole hours; the one that runs is said apart', () => {
  const { times, values, soFar } = hourlyTokens(
    used({ '2026-11-20T11:00:00.000Z': 700, '2026-11-20T12:00:00.000Z': 30 }),
    at('2026-11-20T12:10:00Z'),
  )
  expect([times.length, times[0], times.at(-1)]).toEqual([24, '2026-11-19T12:00:00.000Z', '2026-11-20T11:00:00.000Z'])
  expect([values.at(-1), values.at(-2), soFar]).toEqual([700, 0, 30])
  expect(hourlyTokens(null, at('2026-11-20T12:10:00Z'))).toEqual({ times: [], values: [], soFar: null })
})

/** The recorded fleet, with one answer changed. */
const with_ = (as: string, change: (data: never) => unknown, more: Partial<ScreenView> = {}): ScreenView =>
  recordedView('overview', (data, name) => answered(name === as ? change(data as never) : data), more)

test('a machine that has gone quiet looks old in words, and its sign is no full one', async () => {
  const view = with_('machines', ({ machines }: { machines: { id: string }[] }) => ({
    machines: machines.map((one) => (one.id === 'atlas' ? { ...one, age_s: 260, stale: true } : one)),
  }))
  const text = await renderScreen(screen, { size: LARGE, view })
  expect(text).toMatch(/◐ atlas +4 m old/)
  expect(text).toContain('3 of 6 fresh (2 never reached, 1 stale)')
})

test('an offline machine says why instead of what was wrong with it before', async () => {
  const view = with_('machines', ({ machines }: { machines: { id: string }[] }) => ({
    machines: machines.map((one) =>
      one.id === 'borg'
        ? { ...one, status: 'offline', status_reason: 'connection refused', age_s: 900, stale: true }
        : one,
    ),
  }))
  expect(await renderScreen(screen, { size: LARGE, view })).toMatch(/○ borg +15 m old .*connection refused/)
})

test('a forecast says when, its band, how likely and what to do', async () => {
  const limit = {
    provider: 'anthropic', account: 'a1', label: 'team-a', limit_id: 'claude', window: '5h', outlook: 'forecast', used_pct: 71,
    resets_at: '2026-11-21T09:00:00Z', minutes_to_limit: 42, interval: { low: 30, high: 58 }, probability_before_reset: 0.81,
    action: 'swap_now',
  } // biome-ignore format: a row
  const view = with_('forecast', (data: object) => ({ ...data, limits: [limit] }))
  expect(await renderScreen(screen, { size: { columns: 200, rows: 50 }, view })).toMatch(
    /team-a 5h +full in 42 m {2}30 m–58 m {2}81% before reset {2}swap now/,
  )
})

test('unpriced tokens stand beside the money, never in it', async () => {
  const view = with_('today', (data: { total: object }) => ({
    ...data,
    total: { ...data.total, unpriced_tokens: 12_000 },
  }))
  expect(await renderScreen(screen, { size: SMALL, view })).toContain('$9.45 + 12.0k unpriced of 4 of 6 machines')
})

test('the filter narrows machines and things to do, and says when it hides all of them', async () => {
  const filter = { machine: 'borg', repo: null, provider: null, hours: 24, text: '' }
  const model = overview.model(recordedView('overview', null, { filter }))
  expect(model.machines.map(({ id }) => id)).toEqual(['borg'])
  expect(model.advice.every(({ scope }) => scope.includes('borg'))).toBe(true)
  const none = recordedView('overview', null, { filter: { ...filter, machine: null, text: 'no such thing' } })
  expect(await renderScreen(screen, { size: LARGE, view: none })).toContain('The filter hides all 6 machines.')
})

test('one question that does not come leaves the others to be seen', async () => {
  const view = recordedView('overview', (data, as) => (as === 'forecast' ? NOT_YET : answered(data)))
  const text = await renderScreen(screen, { size: LARGE, view })
  expect(text).toContain('Asking the daemon …')
  expect(text).toContain('borg / has 5.0 % free')
})
