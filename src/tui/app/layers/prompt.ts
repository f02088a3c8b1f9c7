import { paintBorder } from '../../paint/border.ts'
import type { Question } from '../../ports.ts'
import { span } from '../../view/line.ts'
import { fieldLine, fieldOf, typed } from '../field.ts'
import { type Layer, middle } from '../layer.ts'
import { foldText } from './detail.ts'

interface Prompt {
  readonly id: string
  readonly title: string
  readonly text?: string
  /** In one line below the field: what may be typed. */
  readonly hint?: string
  /** Told at every key: search as one types. */
  changed?(text: string): void
  done(text: string): void
  cancel(): void
}

/** One line to type, at the bottom of the screen. */
export const promptLayer = (prompt: Prompt): Layer => {
  let field = fieldOf(prompt.text)
  return {
    id: prompt.id,
    place: ({ columns, rows }) => ({ x: 0, y: Math.max(0, rows - 4), width: columns, height: Math.min(3, rows) }),
    hints: [
      { keys: 'Enter', says: 'take it' },
      { keys: 'Esc', says: 'give up' },
      ...(prompt.hint === undefined ? [] : [{ keys: '', says: prompt.hint }]),
    ],
    paint(surface) {
      const { width } = surface.at
      paintBorder(surface, { title: prompt.title, focused: true })
      surface.put(1, 1, [span(' '), ...fieldLine(field, width - 5)], width - 2)
    },
    press(input) {
      if (input.kind === 'key' && input.key === 'enter') return prompt.done(field.text)
      if (input.kind === 'key' && (input.key === 'esc' || input.key === 'ctrl-c')) return prompt.cancel()
      const next = typed(field, input)
      if (next === null || next.text === field.text) {
        field = next ?? field
        return
      }
      field = next
      prompt.changed?.(field.text)
    },
  }
}

/** A question of a command, with all it wants to be read before. A yes must be pressed as `y`; Enter alone answers nothing. */
export const questionLayer = (question: Question, answer: (text: string | null) => void): Layer => {
  let field = fieldOf()
  const yes = question.kind === 'yes'
  const lines = (width: number): string[] => question.lines.flatMap((line) => foldText(line, width))
  return {
    id: 'question',
    place(size) {
      const width = Math.min(size.columns - 2, 92)
      const said = [...lines(width - 4), ...foldText(question.message, width - 4)]
      return middle(size, width, said.length + 5)
    },
    hints: yes
      ? [
          { keys: 'y', says: 'yes' },
          { keys: 'n Esc', says: 'no' },
        ]
      : [
          { keys: 'Enter', says: 'answer' },
          { keys: 'Esc', says: 'give up' },
        ],
    paint(surface) {
      const { width, height } = surface.at
      paintBorder(surface, { title: 'Question', focused: true })
      const inside = width - 4
      const said = [
        ...lines(inside).map((line) => [span(line)]),
        [],
        ...foldText(question.message, inside).map((line) => [span(line, 'strong')]),
        yes
          ? [span('y', 'accent'), span(' yes   '), span('n', 'accent'), span(' no')]
          : fieldLine(field, inside, question.kind === 'secret'),
      ]
      // The end matters most when there is not room for all of it.
      const shown = said.slice(-(height - 2))
      for (let y = 1; y < height - 1; y += 1) surface.put(1, y, [span(' '), ...(shown[y - 1] ?? [])], width - 2)
    },
    press(input) {
      if (input.kind === 'key' && (input.key === 'esc' || input.key === 'ctrl-c')) return answer(null)
      if (yes) {
        if (input.kind === 'key' && input.key === 'y') answer('yes')
        if (input.kind === 'key' && input.key === 'n') answer('no')
        return
      }
      if (input.kind === 'key' && input.key === 'enter') return answer(field.text)
      field = typed(field, input) ?? field
    },
  }
}
