import { type Line, type Span, span, type Tone } from './line.ts'

interface Curve {
  readonly tone: Tone
  readonly values: readonly (number | null)[]
}

// Bit of each of the 2 × 4 dots of a braille cell, by column and row.
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const

interface Field {
  readonly bits: Uint8Array
  readonly owner: (Tone | undefined)[]
}

const dot = (field: Field, width: number, height: number, x: number, y: number, tone: Tone): void => {
  if (x < 0 || y < 0 || x >= width * 2 || y >= height * 4) return
  const at = (y >> 2) * width + (x >> 1)
  field.bits[at] = (field.bits[at] ?? 0) | (DOTS[x & 1]?.[y & 3] ?? 0)
  field.owner[at] = tone
}

const stroke = (
  from: readonly [number, number],
  to: readonly [number, number],
  mark: (x: number, y: number) => void,
): void => {
  const steps = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]), 1)
  for (let step = 0; step <= steps; step += 1)
    mark(
      Math.round(from[0] + ((to[0] - from[0]) * step) / steps),
      Math.round(from[1] + ((to[1] - from[1]) * step) / steps),
    )
}

const drawCurve = (field: Field, width: number, height: number, top: number, { values, tone }: Curve): void => {
  const last = Math.max(1, values.length - 1)
  let before: readonly [number, number] | null = null
  values.forEach((value, index) => {
    if (value === null || !Number.isFinite(value)) {
      before = null
      return
    }
    const y = Math.round((1 - Math.min(1, Math.max(0, value / top))) * (height * 4 - 1))
    const point = [Math.round((index / last) * (width * 2 - 1)), y] as const
    stroke(before ?? point, point, (px, py) => dot(field, width, height, px, py, tone))
    before = point
  })
}

/** Lines of a chart in `width` × `height` cells, two by four dots each; a gap stays a gap. `top` is the value of the upper edge. */
export const brailleLines = (curves: readonly Curve[], width: number, height: number, top: number): readonly Line[] => {
  if (width <= 0 || height <= 0) return []
  const field: Field = { bits: new Uint8Array(width * height), owner: new Array(width * height) }
  // The first series is the most important: it is drawn last and so lies on top.
  for (const curve of curves.toReversed()) drawCurve(field, width, height, top > 0 ? top : 1, curve)
  return Array.from({ length: height }, (_, y) => {
    const line: Span[] = []
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x
      const bits = field.bits[at] ?? 0
      const text = bits === 0 ? ' ' : String.fromCharCode(0x2800 + bits)
      const tone = field.owner[at] ?? 'plain'
      const last = line.at(-1)
      if (last !== undefined && last.tone === tone) line[line.length - 1] = span(last.text + text, tone)
      else line.push(span(text, tone))
    }
    return line
  })
}
