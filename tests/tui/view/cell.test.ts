import { createRequire } from 'node:module'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import xterm from '@xterm/headless'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cell, clip, widthOf } from '../../../src/tui/view/cell.ts'
import { clusters } from '../../../src/tui/view/clusters.ts'
import { HOSTILE } from '../screens/snapshot.ts'

const blessedWidth = (createRequire(import.meta.url)('blessed/lib/unicode') as { charWidth(text: string): number })
  .charWidth

describe('a cell of foreign text', () => {
  test.each(HOSTILE)('is exactly as wide as it should be: %j', (text) => {
    for (const width of [1, 2, 7, 20, 80]) expect(widthOf(cell(text, width))).toBe(width)
  })

  test('keeps no control, no escape sequence, no emoji, and what one reads', () => {
    expect(cell('\u001b[31mred\u001b[0m', 5)).toBe('red  ')
    expect(cell('a\tb\r\nc\u0007', 8)).toBe('a b c   ')
    expect(cell('🚀 go', 6)).toBe('◇ go  ')
    expect(clip('{red-fg}x', 20)).toBe('{red-fg}x')
    expect(cell('日本語', 5)).toBe('日本…')
    expect(cell('7', 3, 'right')).toBe('  7')
    expect(cell('anything', 0)).toBe('')
  })

  test('any text at any width fits to the cell', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(60), (text, width) => widthOf(cell(text, width)) === width),
    )
  })

  // Where two tables disagree the border of a panel moves: every letter that passes must be as wide for all of us.
  test('every letter that passes is as wide for blessed and for the terminal', async () => {
    const passed: { text: string; width: number }[] = []
    for (let point = 0x20; point <= 0x2fa1f; point += 1) {
      if (point >= 0xd800 && point <= 0xdfff) continue
      const text = String.fromCodePoint(point)
      for (const cluster of clusters(text)) if (cluster.text === text) passed.push({ text, width: cluster.width })
    }
    expect(passed.length).toBeGreaterThan(40_000)
    expect(
      passed
        .filter(({ text, width }) => blessedWidth(text) !== width)
        .map(({ text }) => text.codePointAt(0)?.toString(16)),
    ).toEqual([])
    const rows = 4_000
    const emulator = new xterm.Terminal({ cols: 4, rows, allowProposedApi: true, scrollback: 0 })
    emulator.loadAddon(new Unicode11Addon())
    emulator.unicode.activeVersion = '11'
    const wrong: string[] = []
    for (let from = 0; from < passed.length; from += rows) {
      const part = passed.slice(from, from + rows)
      const text = part.map((one) => one.text).join('\r\n')
      await new Promise<void>((resolve) => emulator.write(`\u001b[H\u001b[2J${text}`, resolve))
      part.forEach((one, y) => {
        const width = emulator.buffer.active.getLine(y)?.getCell(0)?.getWidth()
        if (width !== one.width) wrong.push(one.text.codePointAt(0)?.toString(16) ?? '')
      })
    }
    expect(wrong).toEqual([])
  })
})
