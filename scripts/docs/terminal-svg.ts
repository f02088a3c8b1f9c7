import type { Terminal } from '@xterm/headless'

const WIDTH = 8.4
const HEIGHT = 17
const BASE = ['#0d1117', '#f85149', '#3fb950', '#d29922', '#4285f4', '#a371f7', '#39c5cf', '#c9d1d9', '#6e7681', '#ff7b72', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#f0f6fc'] // biome-ignore format: a palette
const LEVELS = [0, 95, 135, 175, 215, 255]

const hex = (...parts: readonly number[]): string =>
  `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`

/** A colour of the 256-colour table. */
const colour = (at: number): string => {
  if (at < 16) return BASE[at] ?? '#000000'
  if (at >= 232) return hex(...[0, 0, 0].map(() => 8 + (at - 232) * 10))
  const cube = at - 16
  return hex(LEVELS[Math.floor(cube / 36)] ?? 0, LEVELS[Math.floor(cube / 6) % 6] ?? 0, LEVELS[cube % 6] ?? 0)
}

interface Run {
  readonly x: number
  width: number
  text: string
  readonly fg: string
  readonly bg: string
  readonly bold: boolean
}

const GROUND = '#121212'
const TEXT = '#d0d0d0'

const runsOf = (terminal: Terminal, y: number): readonly Run[] => {
  const line = terminal.buffer.active.getLine(y)
  const runs: Run[] = []
  for (let x = 0; x < terminal.cols; x += 1) {
    const cell = line?.getCell(x)
    if (cell === undefined || cell.getWidth() === 0) continue
    const [own, under] = [
      cell.isFgDefault() ? TEXT : colour(cell.getFgColor()),
      cell.isBgDefault() ? GROUND : colour(cell.getBgColor()),
    ]
    const [fg, bg] = cell.isInverse() ? [under, own] : [own, under]
    const bold = cell.isBold() !== 0
    const last = runs.at(-1)
    const text = cell.getChars() || ' '
    if (last !== undefined && last.fg === fg && last.bg === bg && last.bold === bold) {
      last.text += text
      last.width += cell.getWidth()
    } else runs.push({ x, width: cell.getWidth(), text, fg, bg, bold })
  }
  return runs
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
// Blanks at the ends of a text would be taken away, and with them its place.
const kept = (text: string): string => escaped(text).replaceAll(' ', '\u00a0')

const rowSvg = (runs: readonly Run[], y: number): string => {
  const top = (y * HEIGHT).toFixed(0)
  const grounds = runs
    .filter(({ bg }) => bg !== GROUND)
    .map(
      ({ x, width, bg }) =>
        `<rect x="${(x * WIDTH).toFixed(1)}" y="${top}" width="${(width * WIDTH).toFixed(1)}" height="${HEIGHT}" fill="${bg}"/>`,
    )
  const texts = runs
    .filter(({ text }) => text.trim() !== '')
    .map(({ x, width, text, fg, bold }) => {
      const length = (width * WIDTH).toFixed(1)
      return `<text x="${(x * WIDTH).toFixed(1)}" y="${(y * HEIGHT + 13).toFixed(0)}" textLength="${length}" lengthAdjust="spacingAndGlyphs" fill="${fg}"${bold ? ' font-weight="bold"' : ''}>${kept(text)}</text>`
    })
  return [...grounds, ...texts].join('')
}

/** The screen of an emulated terminal as a picture, cell by cell. */
export const terminalSvg = (terminal: Terminal, title: string): string => {
  const [width, height] = [Math.ceil(terminal.cols * WIDTH), terminal.rows * HEIGHT]
  const rows = Array.from({ length: terminal.rows }, (_, y) => rowSvg(runsOf(terminal, y), y))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">\n<rect width="${width}" height="${height}" fill="${GROUND}"/>\n${rows.join('\n')}\n</svg>\n`
}
