import { expect, test } from 'vitest'
import type { ChartPanel } from '../../../src/tui/panel.ts'
import type { Screen, ScreenView } from '../../../src/tui/screen.ts'
import { isNewer } from '../../../src/tui/screens/machine/tools.ts'
import { machine } from '../../../src/tui/screens/machine.ts'
import { recordedView } from './recorded.ts'
import { answered, LARGE, renderScreen, SMALL } from './snapshot.ts'

const screen = machine as unknown as Screen

interface Told {
  machine: Record<string, unknown>
  history: unknown
}

const with_ = (change: (data: Told) => unknown, more: Partial<ScreenView> = {}): ScreenView =>
  recordedView('machine', (data, as) => answered(as === 'machine' ? change(data as Told) : data), more)

const point = (at: string, cpu_pct: number) => ({ at, cpu_pct, mem_pct: 40, load5: 1 })

test('where nobody measured the curve has a gap, never a line across it', () => {
  const view = with_((data) => ({
    ...data,
    history: {
      step_s: 300,
      points: [
        point('2026-11-20T10:00:00.000Z', 10),
        point('2026-11-20T10:05:00.000Z', 20),
        point('2026-11-20T10:20:00.000Z', 30),
      ],
    },
  }))
  const panels = machine.panels(machine.model(view), LARGE, view)
  const meters = panels.find(({ id }) => id === 'meters') as ChartPanel
  expect(meters.series[0]?.values).toEqual([10, 20, null, null, 30])
  expect(meters.times.at(-1)).toBe('2026-11-20T10:20:00.000Z')
})

test('the hours of the filter bar are asked for', () => {
  const view = recordedView('machine', null, {
    filter: { machine: null, repo: null, provider: null, hours: 6, text: '' },
  })
  expect(machine.asks(view)).toContainEqual({ as: 'machine', topic: 'machine', params: { id: 'atlas', hours: 6 } })
})

test('a stale machine says how old everything is: itself, and its agents', async () => {
  const view = with_((data) => ({ ...data, machine: { ...data.machine, age_s: 400, stale: true } }))
  const text = await renderScreen(screen, { size: LARGE, view })
  expect(text).toMatch(/◐ atlas online {2}seen 6 m old/)
  expect(text).toMatch(/Agents ─.* as of 6 m ago ┐/)
})

test('of a machine that was never reached nothing is made up', async () => {
  const view = with_((data) => ({
    ...data,
    machine: { ...data.machine, age_s: null, stale: true, status: 'unknown', cpu_pct: null, mem_pct: null, cores: null, mem_total_bytes: null },
    system: null, filesystems: [], pressure: [], top_processes: [], suspect_processes: [], agents: [], tools: [],
    history: { step_s: 300, points: [] },
  })) // biome-ignore format: one object
  const text = await renderScreen(screen, { size: LARGE, view })
  expect(text).toContain('? atlas unknown  never seen')
  expect(text).toContain('It never answered, so nothing is known of it.')
  expect(text).not.toMatch(/\b0%.*cpu/)
})

test('of a machine at which no look has ended it is not said that it does not answer', async () => {
  const view = with_((data) => ({
    ...data,
    machine: { ...data.machine, age_s: null, stale: true, status: 'unknown' },
    sources: [],
    history: { step_s: 300, points: [] },
  }))
  expect(await renderScreen(screen, { size: LARGE, view })).toContain('No look at it has ended yet')
})

test('on a narrow terminal one part is shown at a time, and the title says which', async () => {
  for (const [part, words] of [
    ['tools', 'Tools and versions (5 of 6, Space: next)'],
    ['collectors', 'Collectors (6 of 6, Space: next)'],
  ] as const) {
    const view = recordedView('machine', null, { options: { part } })
    expect(await renderScreen(screen, { size: SMALL, view })).toContain(words)
  }
})

test('a tool newer than what vc was tested with is told from one that is not', () => {
  expect(isNewer('2.1.330', '2.1.329')).toBe(true)
  expect(isNewer('v0.9.0', '0.10.0')).toBe(false)
  expect([isNewer('1.0', '1.0.0'), isNewer(null, '1.0'), isNewer('2', null)]).toEqual([false, false, false])
})
