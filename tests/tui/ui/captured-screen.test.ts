import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { paintPanel, restingStand } from '../../../src/tui/paint/panel.ts'
import type { LivePanel } from '../../../src/tui/panel.ts'
import { noColour, themeNamed } from '../../../src/tui/themes/index.ts'
import type { Theme } from '../../../src/tui/themes/theme.ts'
import { capturedLines } from '../../../src/tui/ui/captured-screen.ts'
import { openTerminal, type Terminal } from '../../../src/tui/ui/terminal.ts'
import { widthOf } from '../../../src/tui/view/cell.ts'
import type { Line } from '../../../src/tui/view/line.ts'
import { contrast, nearestOf16, nearestOf256, rgbOf } from '../../../src/tui/view/palette.ts'
import { openFakeTty } from '../fake-tty.ts'

const EVIDENCE = join(import.meta.dirname, '../../fixtures/evidence')
const textOf = (line: Line): string => line.map(({ text }) => text).join('')
const one = async (ansi: string): Promise<Line> => (await capturedLines({ ansi, columns: 40 }))[0] ?? []

describe('a captured screen', () => {
  test('keeps its colours: sixteen, 256, and true colour as the nearest of 256', async () => {
    const line = await one(
      '\u001b[31mred\u001b[0m \u001b[95mpink\u001b[0m \u001b[38;5;202morange\u001b[0m \u001b[48;2;255;0;0mground\u001b[0m \u001b[38:2::0:95:135mcolons',
    )
    expect(line.filter(({ text }) => text !== ' ')).toEqual([
      { text: 'red', fg: 1 },
      { text: 'pink', fg: 13 },
      { text: 'orange', fg: 202 },
      { text: 'ground', bg: 196 },
      { text: 'colons', fg: 24 },
    ])
  })

  test('keeps weight, lines and order; what is faint is quiet, what is hidden stays hidden', async () => {
    const line = await one('\u001b[1mB\u001b[0;4mU\u001b[0;7mI\u001b[0;2mD\u001b[0;8mSECRET\u001b[0m.')
    expect(line).toEqual([
      { text: 'B', bold: true },
      { text: 'U', underline: true },
      { text: 'I', inverse: true },
      { text: 'D', tone: 'muted' },
      { text: '      .' },
    ])
  })

  test('takes as many cells as on the machine, whatever the letters are', async () => {
    for (const [text, width] of [
      ['表|', 3],
      ['🚀|', 3],
      ['e\u0301|', 2],
      ['👩\u200d🚀|', 5],
      ['\ue0b0|', 2],
    ] as const) {
      const line = textOf(await one(text))
      expect([text, widthOf(line), line.at(-1)]).toEqual([text, width, '|'])
    }
  })

  test('ends where it ends: blank rows and blanks at the end are left out, coloured ground is not', async () => {
    const lines = await capturedLines({ ansi: 'a   \n\u001b[44m  \u001b[0m  \n\n   \n', columns: 10 })
    expect(lines).toEqual([[{ text: 'a' }], [{ text: '  ', bg: 4 }]])
  })

  test.each(readdirSync(EVIDENCE).filter((name) => name !== 'index.json'))(
    'of a recorded agent says what the agent showed: %s',
    async (name) => {
      const { screen_ansi: ansi, pane } = JSON.parse(readFileSync(join(EVIDENCE, name), 'utf8'))
      if (typeof ansi !== 'string') return
      const shown = (await capturedLines({ ansi, columns: pane?.pane_width ?? null })).map((line) =>
        textOf(line).trimEnd(),
      )
      const told = ansi.replaceAll(/\u001b\[[0-9;:]*m/g, '').trimEnd()
      const letters = (text: string): string => text.replaceAll(/[^ -~]/gu, '').replaceAll(/ +/g, ' ')
      const rows = (lines: readonly string[]): string =>
        lines
          .map((row) => letters(row.trimEnd()))
          .join('\n')
          .trimEnd()
      expect(rows(shown)).toBe(rows(told.split('\n')))
    },
  )

  test('lets nothing out that steers a terminal, and never grows past its rows and columns', async () => {
    const piece = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\u001b[2J', '\u001b[999999999b', '\u001b[5;5H', '\u001b]0;title\u0007', '\u001bP1;2q', '\u001b[?1049h', '\u001bc', '\u009b31m',
        '\u001b[31m', '\u001b[38;2;1;2;3m', '\u001b[', '\u001b]', '\u202e', '{red-fg}', '\t', '\r', '\n', 'x'.repeat(300), '漢'.repeat(40),
      ), // biome-ignore format: a list
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const ansi = pieces.join('')
        const lines = await capturedLines({ ansi, columns: 80 })
        expect(lines.length).toBeLessThanOrEqual(ansi.split('\n').length)
        for (const text of lines.map(textOf)) {
          expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/)
          expect(widthOf(text.slice(0, 900))).toBeLessThanOrEqual(1_000)
        }
      }),
      { numRuns: 25 },
    )
  })
})

describe('its colours on the terminal', () => {
  let terminal: Terminal | null = null
  afterEach(() => terminal?.close())

  const painted = async (theme: Theme, ansi: string) => {
    const fake = openFakeTty({ columns: 40, rows: 8 })
    terminal = openTerminal(fake.tty, { theme, mouse: false, inlineRows: null, onInput: () => {}, onResize: () => {} })
    const at = { x: 0, y: 0, width: 40, height: 8 }
    const panel: LivePanel = { kind: 'live', id: 'live', title: 'agent', at, agentId: 'a/b' }
    const live = { lines: await capturedLines({ ansi, columns: 40 }), note: [] }
    terminal.paint([{ id: 'live', at, paint: (surface) => paintPanel(surface, panel, { ...restingStand, live }) }])
    await fake.drawn()
    const cell = (x: number, y: number) => fake.emulator.buffer.active.getLine(y)?.getCell(x)
    return { fake, cell }
  }

  test('are those of the agent, in its panel only', async () => {
    const { fake, cell } = await painted(themeNamed('neural', 256), '\u001b[38;5;202mhot\u001b[0m cold\n\u001b[44mrest')
    expect(cell(1, 1)?.getFgColor()).toBe(202)
    expect(cell(5, 1)?.getFgColor()).toBe(252)
    expect(cell(1, 2)?.getBgColor()).toBe(4)
    for (let y = 0; y < 8; y += 1) for (const x of [0, 39]) expect(cell(x, y)?.getFgColor()).toBe(238)
    for (const line of fake.lines()) expect(line.length).toBe(40)
  })

  test('are the sixteen of the terminal where the theme has no more, and none with NO_COLOR', async () => {
    const ansi = '\u001b[38;5;196mred\u001b[0m \u001b[7mchosen\u001b[0m'
    const sixteen = await painted(themeNamed('sixteen', 16), ansi)
    expect(sixteen.cell(1, 1)?.getFgColor()).toBe(9)
    terminal?.close()
    const plain = await painted(noColour, ansi)
    expect(plain.fake.taken()).not.toMatch(/\u001b\[[0-9;]*\b(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])\b[0-9;]*m/)
    expect(plain.cell(5, 1)?.isInverse()).not.toBe(0)
  })

  test('can be read on a light ground too', async () => {
    const { cell } = await painted(
      themeNamed('daylight', 256),
      '\u001b[97mwhite\u001b[0m \u001b[48;5;235mdark\u001b[0m',
    )
    expect(contrast(cell(1, 1)?.getFgColor() ?? 0, 255)).toBeGreaterThan(4)
    expect(contrast(cell(7, 1)?.getFgColor() ?? 0, 235)).toBeGreaterThan(4)
  })
})

describe('the table of 256 colours', () => {
  test('knows its own colours again', () => {
    for (let index = 16; index < 256; index += 1) expect(rgbOf(nearestOf256(rgbOf(index)))).toEqual(rgbOf(index))
    for (let index = 0; index < 16; index += 1) expect(nearestOf16(index)).toBe(index)
    expect(nearestOf16(196)).toBe(9)
    expect(contrast(231, 16)).toBeCloseTo(21, 0)
  })
})
