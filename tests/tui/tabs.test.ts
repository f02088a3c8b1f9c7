import { beforeAll, describe, expect, test } from 'vitest'
import { SHORT_TITLES, tabLine } from '../../src/tui/app/tabs.ts'
import type { Screen } from '../../src/tui/screen.ts'
import { loadScreens } from '../../src/tui/screens/index.ts'

describe('the bar of screens', () => {
  let screens: readonly Screen[]
  beforeAll(async () => {
    screens = await loadScreens()
  })
  const bar = (width: number, open = 'overview'): string =>
    tabLine(screens, open, width)
      .line.map(({ text }) => text)
      .join('')

  test('has every title where there is room, whole', () => {
    for (const { title } of screens) expect(bar(210)).toContain(title)
    expect(bar(200)).toMatch(/ gp MCP {2}gd Doctor $/)
  })

  test('at 160 columns has the whole titles of the numbered screens, and the others behind g', () => {
    expect(bar(160)).toBe(
      ' [1 Overview] 2 Machine  3 Agents  4 Accounts  5 Repos  6 Beads  7 Mail  8 Events  9 Oracle  0 Guardian  g…c a i s m o p d ',
    )
    expect(bar(160, 'doctor')).toMatch(/ 0 Guardian \[gd Doctor\] g…c a i s m o p $/)
  })

  test('narrower, shortens titles to words, then leaves them out; the open one stays whole', () => {
    expect(bar(118)).toMatch(/^ \[1 Overview\] 2 Mach {2}3 Agents {2}4 Accts .* g…c a i s m o p d $/)
    expect(bar(80)).toBe(' [1 Overview] 2  3  4  5  6  7  8  9  0  g…c a i s m o p d ')
    expect(bar(60, 'incidents')).toMatch(/^ {2}1 {2}2 .* 0 \[gi Incidents\] g…/)
  })

  test('is never wider than the terminal, cuts no word, and shows where each screen stands', () => {
    const words = new Set([...screens.map(({ title }) => title), ...Object.values(SHORT_TITLES)].join(' ').split(' '))
    for (const { id, key } of screens)
      for (let width = 60; width <= 220; width += 7) {
        const { line, tabs } = tabLine(screens, id, width)
        const text = line.map((one) => one.text).join('')
        expect(text.length).toBeLessThanOrEqual(width)
        expect(text.replace(' g…', '')).not.toContain('…')
        for (const word of text.match(/[A-Za-z]{3,}/g) ?? []) expect(words).toContain(word)
        for (const tab of tabs) expect(text.slice(tab.from, tab.to + 1).trim()).not.toBe('')
        const here = tabs.find((tab) => tab.id === id)
        expect(text.slice(here?.from, (here?.to ?? -2) + 1)).toMatch(new RegExp(`^\\[g?${key} .+\\]$`))
      }
  })

  test('has short words for screens that exist', () => {
    expect(screens.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(SHORT_TITLES)))
  })
})
