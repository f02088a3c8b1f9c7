import type { IBufferCell, IBufferLine, Terminal } from '@xterm/headless'
import { clusters } from '../view/clusters.ts'
import type { Line, Span } from '../view/line.ts'
import { nearestOf256 } from '../view/palette.ts'

/** A captured screen as `tmux capture-pane -e` prints it. */
interface Captured {
  readonly ansi: string
  /** Cells across, as the machine said; rows that need more get more. */
  readonly columns: number | null
}

// Nothing but colours steers the emulator: no cursor to move, no title to set, nothing to repeat a million times.
const ESCAPES = /\u001b(?:\[([0-9;:]*)m|\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])?/g
const CONTROLS = /[\u0000-\u0009\u000b-\u001a\u001c-\u001f\u007f-\u009f\u2028\u2029]/g
const onlyColours = (text: string): string =>
  text
    .replace(ESCAPES, (_, colour: string | undefined) => (colour === undefined ? '' : `\u001b[${colour}m`))
    .replace(CONTROLS, '')

const MOST_COLUMNS = 1_000
const MOST_ROWS = 500
const SGR = /\u001b\[[0-9;:]*m/g

const columnsFor = (rows: readonly string[], told: number | null): number => {
  // A row of wide letters takes two cells for each.
  const longest = rows.reduce((most, row) => Math.max(most, row.replace(SGR, '').length * 2), 1)
  const wanted = told === null || told < 1 ? longest : Math.max(told, Math.ceil(longest / 2))
  return Math.min(MOST_COLUMNS, wanted)
}

type Look = Omit<Span, 'text'>

const tableColour = (value: number, isRgb: boolean): number =>
  isRgb ? nearestOf256([(value >> 16) & 255, (value >> 8) & 255, value & 255]) : value

const lookOf = (cell: IBufferCell): Look => {
  const fg = cell.isFgDefault() ? undefined : tableColour(cell.getFgColor(), cell.isFgRGB())
  const bg = cell.isBgDefault() ? undefined : tableColour(cell.getBgColor(), cell.isBgRGB())
  return {
    ...(fg === undefined ? {} : { fg }),
    ...(bg === undefined ? {} : { bg }),
    // What is faint and has no colour of its own gets the quiet one of the theme.
    ...(cell.isDim() && fg === undefined ? { tone: 'muted' as const } : {}),
    ...(cell.isBold() ? { bold: true } : {}),
    ...(cell.isUnderline() ? { underline: true } : {}),
    ...(cell.isInverse() ? { inverse: true } : {}),
  }
}

/** What the look of a cell is made of, as numbers: thousands of cells are compared with their neighbours. */
const weights = (cell: IBufferCell): number =>
  (cell.isBold() ? 1 : 0) | (cell.isUnderline() ? 2 : 0) | (cell.isInverse() ? 4 : 0) | (cell.isDim() ? 8 : 0)
const ground = (cell: IBufferCell): number => cell.getBgColorMode() + (cell.isBgDefault() ? 0 : cell.getBgColor() + 1)
const ink = (cell: IBufferCell): number => cell.getFgColorMode() + (cell.isFgDefault() ? 0 : cell.getFgColor() + 1)

/** The letters of a cell in exactly as many cells as it takes there; what vc would draw in another width becomes a sign. */
const lettersOf = (cell: IBufferCell): string => {
  const code = cell.getCode()
  if (code === 0 || cell.isInvisible()) return ' '.repeat(cell.getWidth())
  const chars = cell.getChars()
  if (code < 127 && chars.length === 1) return chars
  const [first, more] = clusters(chars)
  if (first === undefined) return ' '.repeat(cell.getWidth())
  if (more !== undefined || first.width > cell.getWidth()) return `◇${' '.repeat(cell.getWidth() - 1)}`
  return first.text + ' '.repeat(cell.getWidth() - first.width)
}

const showsBlanks = ({ bg, inverse, underline }: Span): boolean =>
  bg !== undefined || inverse === true || underline === true

/** Without the blanks at its end that nobody sees. */
const ended = (line: readonly Span[]): Line => {
  const at = line.findLastIndex((part) => showsBlanks(part) || part.text.trimEnd() !== '')
  const last = line[at]
  if (last === undefined) return []
  return [...line.slice(0, at), showsBlanks(last) ? last : { ...last, text: last.text.trimEnd() }]
}

const lineOf = (row: IBufferLine, cell: IBufferCell): Line => {
  const spans: { text: string; readonly look: Look }[] = []
  let [fg, bg, weight] = [-1, -1, -1]
  for (let x = 0; x < row.length; x += 1) {
    row.getCell(x, cell)
    if (cell.getWidth() === 0) continue
    const last = spans.at(-1)
    const [nextFg, nextBg, nextWeight] = [ink(cell), ground(cell), weights(cell)]
    if (last !== undefined && nextFg === fg && nextBg === bg && nextWeight === weight) last.text += lettersOf(cell)
    else spans.push({ text: lettersOf(cell), look: lookOf(cell) })
    fg = nextFg
    bg = nextBg
    weight = nextWeight
  }
  return ended(spans.map(({ text, look }) => ({ text, ...look })))
}

const linesOf = (terminal: Terminal): readonly Line[] => {
  const { active } = terminal.buffer
  const cell = active.getNullCell()
  const lines: Line[] = []
  for (let y = 0; y < terminal.rows; y += 1) {
    const row = active.getLine(y)
    lines.push(row === undefined ? [] : lineOf(row, cell))
  }
  while (lines.at(-1)?.length === 0) lines.pop()
  return lines
}

/** The emulator is loaded when somebody looks at an agent for the first time. */
const loadEmulator = async () => {
  const [xterm, unicode] = await Promise.all([import('@xterm/headless'), import('@xterm/addon-unicode11')])
  return { Terminal: xterm.default.Terminal, Unicode11Addon: unicode.default.Unicode11Addon }
}

/**
 * A captured screen as lines with its colours, of the 256-colour table: an emulator draws it, and only its cells come out.
 * Whatever else the text holds ends in there.
 */
export const capturedLines = async ({ ansi, columns }: Captured): Promise<readonly Line[]> => {
  const rows = onlyColours(ansi).split('\n').slice(0, MOST_ROWS)
  const { Terminal, Unicode11Addon } = await loadEmulator()
  const terminal = new Terminal({
    cols: columnsFor(rows, columns),
    rows: rows.length,
    scrollback: 0,
    allowProposedApi: true,
  })
  try {
    terminal.loadAddon(new Unicode11Addon())
    terminal.unicode.activeVersion = '11'
    // A row that is too long is cut at its end: it never becomes two.
    await new Promise<void>((drawn) => terminal.write(`\u001b[?7l${rows.join('\r\n')}`, drawn))
    return linesOf(terminal)
  } finally {
    terminal.dispose()
  }
}
