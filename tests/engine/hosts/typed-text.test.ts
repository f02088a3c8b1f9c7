import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkKeys, cleanText, tooLong } from '../../../src/engine/hosts/typed-text.ts'

describe('text for a terminal', () => {
  test('no text of any kind can end a bracketed paste or move a cursor', () => {
    const hostile = fc.constantFrom(
      '\u001b',
      '\u009b',
      '[201~',
      '\u001b[201~',
      '\r',
      '\n',
      '\u0003',
      '\u007f',
      'x',
      '\ud800',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(hostile, fc.string({ unit: 'binary' })), { maxLength: 12 }), (parts) => {
        const { text, bytes } = cleanText(parts.join(''))
        expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
        expect(text.isWellFormed()).toBe(true)
        expect(bytes).toBe(Buffer.byteLength(text))
      }),
    )
  })

  test('what people write stays as it is, and what is left out is counted', () => {
    const words = 'Grüße, 世界 👩‍💻\n\tif (a < b) { $(x); `y` }'
    expect(cleanText(words)).toMatchObject({ text: words, dropped: 0, longLine: false })
    expect(cleanText('a\u001b[31mb\r\nc')).toMatchObject({ text: 'a[31mb\nc', dropped: 1 })
  })

  test('a line is long from 4,095 bytes on, a text from 100,000', () => {
    expect([4_094, 4_095].map((size) => cleanText('é'.repeat(2047).padEnd(size - 2047, 'x')).longLine)).toEqual([
      false,
      true,
    ])
    expect(tooLong(cleanText('x'.repeat(100_000)))).toBeNull()
    expect(tooLong(cleanText('x'.repeat(100_001)))).toMatchObject({ why: 'too_long' })
  })

  test('keys are names or single characters', () => {
    for (const key of ['Enter', 'Escape', 'C-c', 'M-x', 'C-M-a', 'S-Up', 'F12', 'y', ';', '-', '2', 'é'])
      expect(() => checkKeys([key])).not.toThrow()
    for (const key of ['', 'yes', 'enter', 'C-', 'F13', ' ', '\n', '\u001b', 'Enter ', '-t', 'C-c;'])
      expect(() => checkKeys([key]), key).toThrow(/is no key/)
  })
})
