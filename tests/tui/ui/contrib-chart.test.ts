import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { chartLines } from '../../../src/tui/paint/chart.ts'
import type { ChartPanel } from '../../../src/tui/panel.ts'
import { themeNamed } from '../../../src/tui/themes/index.ts'
import { loadCharts } from '../../../src/tui/ui/contrib-chart.ts'
import { openTerminal, type Terminal } from '../../../src/tui/ui/terminal.ts'
import { widthOf } from '../../../src/tui/view/cell.ts'
import { openFakeTty } from '../fake-tty.ts'

const ROOT = join(import.meta.dirname, '../../..')

const panelOf = (values: readonly (number | null)[]): ChartPanel => ({
  kind: 'chart', id: 'load', title: 'Load', at: { x: 0, y: 0, width: 90, height: 20 }, unit: '%', max: 100,
  times: values.map((_, at) => new Date(Date.UTC(2026, 10, 20, 0, at * 5)).toISOString()),
  series: [{ name: 'cpu', tone: 'series1', values }],
}) // biome-ignore format: a panel

const wave = Array.from({ length: 96 }, (_, at) => 50 + 40 * Math.sin(at / 9))

describe('charts of blessed-contrib', () => {
  let terminal: Terminal | null = null
  afterEach(() => terminal?.close())
  const charts = async () => {
    const options = {
      theme: themeNamed('neural', 256),
      mouse: false,
      inlineRows: null,
      onInput: () => undefined,
      onResize: () => undefined,
    }
    terminal = openTerminal(openFakeTty({ columns: 100, rows: 30 }).tty, options)
    const maker = await loadCharts(terminal.screen)
    if (maker === null) throw new Error('blessed-contrib is not installed')
    return maker
  }

  test('draw a large panel without gaps, in its tones, and not past its edge', async () => {
    const lines = (await charts())(panelOf(wave), 88, 18) ?? []
    expect(lines.length).toBeLessThanOrEqual(18)
    for (const line of lines) expect(line.reduce((sum, { text }) => sum + widthOf(text), 0)).toBeLessThanOrEqual(88)
    const drawn = lines.flat().filter(({ tone, text }) => tone === 'series1' && /[\u2801-\u28ff]/.test(text))
    expect(drawn.length).toBeGreaterThan(20)
    expect(
      lines
        .flat()
        .map(({ text }) => text)
        .join(''),
    ).toContain('00:00')
  })

  test('leave small panels and those with gaps to our own lines', async () => {
    const maker = await charts()
    const gap = panelOf(wave.map((value, at) => (at > 30 && at < 50 ? null : value)))
    expect(maker(gap, 88, 18)).toEqual(chartLines(gap, 88, 18))
    expect(maker(panelOf(wave), 40, 6)).toEqual(chartLines(panelOf(wave), 40, 6))
    expect(maker(panelOf([]), 88, 18)).toBeNull()
  })
})

test('no user installs blessed-contrib: it is for building only', () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })).not.toContain('blessed-contrib')
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages as Record<
    string,
    { dev?: boolean }
  >
  const carried = Object.entries(lock).filter(([path]) => /\/(blessed-contrib|drawille\S*|xml2js|lodash)$/.test(path))
  expect(carried.length).toBeGreaterThan(0)
  expect(carried.filter(([, { dev }]) => dev !== true).map(([path]) => path)).toEqual([])
})
