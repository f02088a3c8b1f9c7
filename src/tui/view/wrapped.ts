import { clip, widthOf } from './cell.ts'
import { clean } from './clusters.ts'
import { type Line, span, type Tone } from './line.ts'

const LONGEST = 4_000

/** Words in lines of at most `width` cells; a word that is wider is cut. Foreign text is made safe. */
export const wrapped = (text: string, width: number): readonly string[] => {
  if (width <= 0) return []
  const lines: string[] = []
  let line = ''
  for (const word of clean(text.slice(0, LONGEST)).split(/\s+/)) {
    const kept = clip(word, width)
    if (line !== '' && widthOf(line) + 1 + widthOf(kept) > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? kept : `${line} ${kept}`
  }
  return line === '' ? lines : [...lines, line]
}

/** A sentence of one tone, wrapped. */
export const wrappedLines = (text: string, width: number, tone: Tone = 'plain'): readonly Line[] =>
  wrapped(text, width).map((line) => [span(line, tone)])

/** `label   sentence`, the sentence wrapped beside its label. */
export const labelled = (
  label: string,
  text: string,
  width: number,
  tone: Tone = 'plain',
  labelWidth = 11,
): readonly Line[] =>
  wrapped(text, Math.max(8, width - labelWidth)).map((line, index) => [
    span((index === 0 ? label : '').padEnd(labelWidth), 'muted'),
    span(line, tone),
  ])
