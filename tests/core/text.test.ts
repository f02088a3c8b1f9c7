import { describe, expect, test } from 'vitest'
import { displayText, jsonText, withoutSteering } from '../../src/core/text.ts'

// What a terminal obeys, what turns the order of letters round, and what nobody sees.
const HOSTILE: readonly (readonly [string, string])[] = [
  ['ESC', '\u001b'],
  ['the one-byte CSI', '\u009b'],
  ['DEL', '\u007f'],
  ['a right-to-left override', '\u202e'],
  ['an isolate', '\u2066'],
  ['a right-to-left mark', '\u200f'],
  ['an Arabic letter mark', '\u061c'],
  ['a zero-width blank', '\u200b'],
  ['a word joiner', '\u2060'],
  ['a byte order mark', '\ufeff'],
  ['a line separator', '\u2028'],
  ['a tag letter', '\u{e0041}'],
]

describe('text of a machine', () => {
  test.each([...HOSTILE, ['a soft hyphen', '\u00ad']] as const)('is shown without %s', (_, char) => {
    expect(displayText(`op${char}us`)).toBe('opus')
  })

  test('keeps the letters of the world, and emoji of several parts', () => {
    const text = 'naïve 日本語 नमस्ते می‌خواهم 👩‍💻 ✳ e\u0301'
    expect(displayText(text)).toBe(text)
  })
})

describe('JSON', () => {
  test.each(HOSTILE)('holds %s as an escape, and means the same', (_, char) => {
    const value = { [`k${char}`]: `a${char}b` }
    expect(jsonText(value)).not.toContain(char)
    expect(JSON.parse(jsonText(value))).toEqual(value)
  })

  test('can be indented', () => {
    expect(jsonText({ a: 1n }, (_, value) => (typeof value === 'bigint' ? String(value) : value), 2)).toBe(
      '{\n  "a": "1"\n}',
    )
  })
})

test('a format that has no escapes is given text without what steers', () => {
  expect(withoutSteering('a\u202eb\u009b31m\n\tc')).toBe('ab31m\n\tc')
})
