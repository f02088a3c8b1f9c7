import { clip, widthOf } from './cell.ts'
import type { Line, Span } from './line.ts'

/** A row that fits into so many cells: what is cut ends in `…`, so that nobody takes the half for the whole. */
export const fitted = (line: Line, width: number): Line => {
  const kept: Span[] = []
  let room = width
  for (const [at, part] of line.entries()) {
    const wide = widthOf(part.text)
    const more = line.slice(at + 1).some(({ text }) => text.trim() !== '')
    if (wide < room || (wide === room && !more)) {
      kept.push(part)
      room -= wide
      continue
    }
    const whole = !more && widthOf(part.text.trimEnd()) <= room
    kept.push({ ...part, text: whole ? part.text.trimEnd() : clip(`${part.text}${more ? ' …' : ''}`, room) })
    break
  }
  return kept
}
