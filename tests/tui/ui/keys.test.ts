import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Input } from '../../../src/tui/input.ts'
import { openKeys } from '../../../src/tui/ui/keys.ts'

const fed = (...chunks: readonly string[]): readonly Input[] => {
  const got: Input[] = []
  const keys = openKeys((input) => got.push(input))
  for (const chunk of chunks) keys.feed(chunk)
  keys.close()
  return got
}

const names = (inputs: readonly Input[]): readonly string[] =>
  inputs.map((one) => (one.kind === 'key' ? one.key : one.kind))

describe('keys of a terminal', () => {
  test('letters, named keys, arrows of both kinds, function keys and modifiers', () => {
    expect(names(fed('aG ', '\r', '\t', '\u007f', '\u0004'))).toEqual([
      'a',
      'G',
      'space',
      'enter',
      'tab',
      'backspace',
      'ctrl-d',
    ])
    expect(names(fed('\u001b[A\u001bOB\u001b[5~\u001b[Z\u001b[1;5C\u001b[15~'))).toEqual([
      'up',
      'down',
      'pageup',
      'shift-tab',
      'ctrl-right',
      'f5',
    ])
    expect(names(fed('é日🚀'))).toEqual(['é', '日', '🚀'])
  })

  test('an arrow in two pieces is an arrow, a key beside a mouse report is not lost', () => {
    expect(names(fed('\u001b[', 'A'))).toEqual(['up'])
    expect(fed('\u001b[<0;240;7Mj\u001b[<0;240;7m')).toEqual([
      { kind: 'mouse', what: 'down', x: 239, y: 6 },
      { kind: 'key', key: 'j', text: 'j' },
      { kind: 'mouse', what: 'up', x: 239, y: 6 },
    ])
  })

  test('Esc alone is Esc, after a moment', async () => {
    const got: Input[] = []
    const keys = openKeys((input) => got.push(input))
    keys.feed('\u001b')
    expect(got).toEqual([])
    await expect.poll(() => names(got)).toEqual(['esc'])
    keys.close()
  })

  test('pasted text comes as one piece, keys in it do nothing', () => {
    expect(fed('\u001b[200~rm -rf\r', 'q\u001b[201~')).toEqual([{ kind: 'paste', text: 'rm -rf\rq' }])
  })

  test('whatever a terminal sends, every plain letter after it arrives', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\u001b', '[', '<', ';', '1', '~', 'M', 'O', 'A', 'x'), maxLength: 20 }),
        (noise) => {
          const got = fed(`${noise}\u001b[A`, 'k')
          expect(names(got).at(-1)).toBe('k')
        },
      ),
    )
  })
})
