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

test('before the first look has ended the fleet is unknown, not dead', async () => {
  const view = with_('machines', ({ machines }: { machines: object[] }) => ({
    machines: machines.map((one) => ({
      ...one, age_s: null, stale: true, status: 'unknown', status_reason: null, health: 0, top_issue: 'not looked at yet',
    })),
  })) // biome-ignore format: a row
  const text = await renderScreen(screen, { size: LARGE, view })
  expect(text).toMatch(/health \? .*machines 0 of 6 fresh \(6 not looked at yet\)/)
  expect(text).toMatch(/atlas +never seen +\S.* \? .*not looked at yet/)
  expect(text).not.toContain('never reached')
  const calm = recordedView(
    'overview',
    (data, name) =>
      answered(name === 'triage' ? { recommendations: [], suggested_commands: [] } : name === 'machines' ? view.answers.machines?.data : data),
  ) // biome-ignore format: one call
  expect(await renderScreen(screen, { size: LARGE, view: calm })).toContain(
    'Nothing needs you yet: the first look at 6 of 6 goes on.',
  )
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
  // Its own figures, not those of the fleet beside its name.
  expect(model.today?.total).toEqual(model.today?.groups.find(({ key }) => key === 'borg'))
  expect(overview.asks(recordedView('overview', null, { filter }))).toContainEqual(
    expect.objectContaining({ topic: 'health', params: { machine: 'borg' } }),
  )
  const none = recordedView('overview', null, { filter: { ...filter, machine: null, text: 'no such thing' } })
  expect(await renderScreen(screen, { size: LARGE, view: none })).toContain('The filter hides all 6 machines.')
})

test('one question that does not come leaves the others to be seen', async () => {
  const view = recordedView('overview', (data, as) => (as === 'forecast' ? NOT_YET : answered(data)))
  const text = await renderScreen(screen, { size: LARGE, view })
  expect(text).toContain('Asking the daemon …')
  expect(text).toContain('borg / has 5.0 % free')
})

interface MachineRow {
  id: string
  writes_allowed?: boolean
}

const machinesAs = (change: (one: MachineRow) => MachineRow): ScreenView =>
  with_('machines', ({ machines }: { machines: MachineRow[] }) => ({ machines: machines.map(change) }))

test('where vc may act is said by name, and a daemon that does not tell is not taken for a no', async () => {
  const some = machinesAs((one) => ({ ...one, writes_allowed: one.id === 'atlas' || one.id === 'eris' }))
  expect(await renderScreen(screen, { size: LARGE, view: some })).toMatch(/vc acts +on 2 of 6 machines: atlas, eris/)
  expect(await renderScreen(screen, { size: SMALL, view: some })).toMatch(
    /vc acts on 2 of 6 {3}waits 1 for approval, 1 for answer {3}24 h 1 refused/,
  )
  const untold = machinesAs(({ writes_allowed: _, ...one }) => one)
  const text = await renderScreen(screen, { size: LARGE, view: untold })
  expect(text).toMatch(/vc acts +\?/)
  expect(text).not.toContain('nowhere')
})

test('the last actions stand there with what came of them, newest first, as many as fit', async () => {
  const view = with_('audit', (data: { actions: object[] }) => {
    const [one] = data.actions
    const verified = { ...one, audit: 'a-2', verb: 'agent.send', outcome: 'verified', code: null }
    const lost = { ...one, audit: 'a-3', verb: 'agent.stop', outcome: 'outcome_unknown', code: null }
    return { ...data, unknown: 1, actions: [verified, lost, ...data.actions, ...data.actions] }
  })
  const text = await renderScreen(screen, { size: LARGE, view })
  expect(text).toMatch(/1 refused, 1 not known in 24 h/)
  expect(text).toMatch(/9 m ago verified agent\.send borg\/claude-lgxh/)
  expect(await renderScreen(screen, { size: SMALL, view })).toMatch(/24 h 1 not known, 1/)
})
