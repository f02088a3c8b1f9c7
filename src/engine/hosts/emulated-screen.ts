import type { IBuffer, IBufferCell, IBufferLine, Terminal } from '@xterm/headless'
import type { CaptureOptions } from '../../core/session-host.ts'

const FLAGS: readonly (readonly [keyof IBufferCell, number])[] = [
  ['isBold', 1],
  ['isDim', 2],
  ['isItalic', 3],
  ['isUnderline', 4],
  ['isBlink', 5],
  ['isInverse', 7],
  ['isInvisible', 8],
  ['isStrikethrough', 9],
]

const colour = (cell: IBufferCell, which: 'Fg' | 'Bg'): readonly number[] => {
  const base = which === 'Fg' ? 38 : 48
  const value = cell[`get${which}Color`]()
  if (cell[`is${which}RGB`]()) return [base, 2, (value >> 16) & 255, (value >> 8) & 255, value & 255]
  return cell[`is${which}Palette`]() ? [base, 5, value] : []
}

const sgrOf = (cell: IBufferCell): string => {
  const flags = FLAGS.flatMap(([is, code]) => ((cell[is] as () => number).call(cell) ? [code] : []))
  return [...flags, ...colour(cell, 'Fg'), ...colour(cell, 'Bg')].join(';')
}

const ansiLine = (line: IBufferLine): string => {
  let [text, sgr] = ['', '']
  const width = line.translateToString(true).length === 0 ? 0 : line.length
  for (let x = 0; x < width; x += 1) {
    const cell = line.getCell(x)
    if (cell === undefined || cell.getWidth() === 0) continue
    const now = sgrOf(cell)
    if (now !== sgr) text += `\u001b[0${now === '' ? '' : `;${now}`}m`
    sgr = now
    text += cell.getChars() || ' '
  }
  return (sgr === '' ? text : `${text}\u001b[0m`).replace(/ +$/, '')
}

/** What an emulated terminal shows, as `capture-pane` would print it. */
export const screenText = (
  terminal: Terminal,
  { historyLines = 0, ansi = false, join = true }: CaptureOptions,
): string => {
  const buffer: IBuffer = terminal.buffer.active
  const lines: string[] = []
  for (let y = Math.max(0, buffer.baseY - historyLines); y < buffer.baseY + terminal.rows; y += 1) {
    const line = buffer.getLine(y)
    if (line === undefined) continue
    const text = ansi ? ansiLine(line) : line.translateToString(true)
    if (join && line.isWrapped && lines.length > 0) lines.push(`${lines.pop() ?? ''}${text}`)
    else lines.push(text)
  }
  return lines.join('\n').replace(/[ \t\n]+$/, '')
}
