import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { REFRESH } from '../../scripts/docs/refresh.ts'
import { loadScreens, screenEntries } from '../../src/tui/screens/index.ts'
import { recordedView } from '../tui/screens/recorded.ts'
import { panelsOf } from '../tui/screens/snapshot.ts'

const DIR = join(import.meta.dirname, '../../docs/screens')
const screens = await loadScreens()

const plain = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').replaceAll('\u00a0', ' ')

/** What a picture shows, row after row: runs of letters in the order in which they stand there. */
const lettersOf = (svg: string): string =>
  plain([...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text).join('\n'))

const sizeOf = (svg: string): { readonly columns: number; readonly rows: number } => {
  const [, width = '', height = ''] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []
  return { columns: Math.floor(Number(width) / 8.4), rows: Number(height) / 17 }
}

test('there is a picture of every screen, and of nothing else', () => {
  const pictured = readdirSync(DIR).toSorted()
  expect(pictured, `run: ${REFRESH}`).toEqual(screenEntries.map(({ id }) => `${id}.svg`).toSorted())
})

describe.each(screens)('the picture of $id', (screen) => {
  const svg = readFileSync(join(DIR, `${screen.id}.svg`), 'utf8')

  test('is of this screen, as it is called now', () => {
    const label = plain(/aria-label="([^"]*)"/.exec(svg)?.[1] ?? '')
    expect(label, `run: ${REFRESH}`).toBe(`${screen.title}: ${screen.about}`)
  })

  test('shows the panels that it has now', () => {
    const shown = lettersOf(svg)
    const size = sizeOf(svg)
    expect(size.columns).toBeGreaterThan(100)
    const titles = panelsOf(screen, { size, view: recordedView(screen.id) }).map(({ title }) => title)
    expect(titles.length).toBeGreaterThan(0)
    const missing = titles.filter((title) => !shown.includes(` ${title.slice(0, 24).trim()}`))
    expect(missing, `panels that are not in the picture; run: ${REFRESH}`).toEqual([])
  })
})
