import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { openTyping, tmuxKey } from '../../../src/tui/app/typing.ts'
import type { Input } from '../../../src/tui/input.ts'
import type { Pressed } from '../../../src/tui/ports.ts'
import { openKeys } from '../../../src/tui/ui/keys.ts'

/** A person at an agent whose machine answers when it is told to. */
const atAgent = () => {
  const sent: Pressed[] = []
  const answers: ((why: string | null) => void)[] = []
  const refusals: [string, number][] = []
  const typing = openTyping({
    press: (pressed) => {
      sent.push(pressed)
      return new Promise((resolve) => answers.push(resolve))
    },
    arrived: () => undefined,
    refused: (...told) => void refusals.push(told),
  })
  const answer = async (why: string | null = null): Promise<void> => {
    answers.shift()?.(why)
    await vi.advanceTimersByTimeAsync(0)
  }
  return { typing, sent, refusals, answer, answers }
}

const nameOf = (bytes: string): string | null => {
  const inputs: Input[] = []
  const keys = openKeys((input) => inputs.push(input))
  keys.feed(bytes)
  keys.close()
  const [first] = inputs
  return first?.kind === 'key' ? tmuxKey(first) : null
}

describe('keys on their way to an agent', () => {
  test('have the names tmux knows them by', () => {
    const bytes = [
      'a',
      'ß',
      '漢',
      ' ',
      '\r',
      '\t',
      '\u007f',
      '\u0003',
      '\u001b[A',
      '\u001b[5~',
      '\u001b[Z',
      '\u001b[1;5C',
      '\u001bOP',
    ]
    const names = ['a', 'ß', '漢', 'Space', 'Enter', 'Tab', 'BSpace', 'C-c', 'Up', 'PageUp', 'BTab', 'C-Right', 'F1']
    expect(bytes.map(nameOf)).toEqual(names)
    expect(['\u0000', '\u001c', '\u001d'].map(nameOf)).toEqual([null, null, null])
  })

  test('go together when pressed together, and what comes meanwhile goes in the next message', async () => {
    vi.useFakeTimers()
    try {
      const { typing, sent, answer } = atAgent()
      for (const key of 'abc') typing.key(key, null)
      expect(sent).toEqual([])
      await vi.advanceTimersByTimeAsync(30)
      expect(sent.map(({ keys }) => keys.join(''))).toEqual(['abc'])
      for (const key of 'de') typing.key(key, null)
      await vi.advanceTimersByTimeAsync(500)
      expect(sent).toHaveLength(1)
      expect(typing.onTheWay()).toBe(5)
      await answer()
      expect(sent.map(({ keys }) => keys.join(''))).toEqual(['abc', 'de'])
    } finally {
      vi.useRealTimers()
    }
  })

  test('that were refused take those behind them along: they were meant for another screen', async () => {
    vi.useFakeTimers()
    try {
      const { typing, sent, refusals, answer } = atAgent()
      typing.key('1', 'aa')
      await vi.advanceTimersByTimeAsync(30)
      typing.key('Enter', 'aa')
      typing.key('x', null)
      await answer('another dialog')
      await vi.advanceTimersByTimeAsync(500)
      expect(sent).toHaveLength(1)
      expect(refusals).toEqual([['another dialog', 3]])
      typing.key('y', null)
      await vi.advanceTimersByTimeAsync(30)
      expect(sent.at(-1)?.keys).toEqual(['y'])
    } finally {
      vi.useRealTimers()
    }
  })

  test('keep their order and their dialog, Enter and Escape alone, whatever is pressed and however slow the agent is', async () => {
    const press = fc.oneof(
      fc.record({ key: fc.constantFrom('a', 'b', 'Enter', 'Escape', 'Up'), dialog: fc.constantFrom(null, 'd1', 'd2') }),
      fc.record({ text: fc.constantFrom('pasted', 'two\nlines'), dialog: fc.constantFrom(null, 'd1') }),
    )
    const step = fc.record({ press, waitMs: fc.constantFrom(0, 5, 40), answered: fc.boolean() })
    vi.useFakeTimers()
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const { typing, sent, answer, answers } = atAgent()
          for (const { press: one, waitMs, answered } of steps) {
            if ('key' in one) typing.key(one.key, one.dialog)
            else typing.paste(one.text, one.dialog)
            await vi.advanceTimersByTimeAsync(waitMs)
            if (answered) await answer()
          }
          await vi.advanceTimersByTimeAsync(40)
          while (answers.length > 0) await answer()
          const each = sent.flatMap(({ keys, text, dialog }) =>
            text === '' ? keys.map((key) => [key, dialog]) : [[text, dialog]],
          )
          expect(each).toEqual(steps.map(({ press: one }) => ['key' in one ? one.key : one.text, one.dialog]))
          for (const { keys, text } of sent) {
            expect(text === '' ? keys.length : 1 + keys.length).toBeGreaterThan(0)
            if (keys.includes('Enter') || keys.includes('Escape')) expect(keys).toHaveLength(1)
            expect(keys.length === 0 || text === '').toBe(true)
          }
        }),
        { numRuns: 60 },
      )
    } finally {
      vi.useRealTimers()
    }
  })
})
