import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adapters } from '../../../src/engine/adapters/index.ts'
import { MAX_PROMPT, pasteText, promptFor } from '../../../src/engine/adapters/prompt-text.ts'
import { recordedScreen } from './recorded.ts'

// Any text at all, rich in what terminals obey.
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '\u001b[201~',
        '\u001b[200~',
        '\u009b201~',
        '\u0003',
        '\u0004',
        '\r',
        '\r\n',
        '\u0000',
        '\u202e',
        '\u2028',
        '\u007f',
        '\u001b]0;x\u0007',
        '\u0016',
        '\u001a',
        ';',
        "'",
        '`',
        '$(reboot)',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

const FORBIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

const RESTS = {
  claude: ['claude-2.1.329', '04-idle'],
  codex: ['codex-0.169.0', '02-idle'],
  gemini: ['gemini-0.61.0', '02-idle'],
  opencode: ['opencode-1.18.33', '01-idle-start'],
  generic: ['claude-2.1.329', '04-idle'],
} as const

describe('a prompt', () => {
  test('holds no byte that ends a paste, steers a terminal or presses a key', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(pasteText(text)).not.toMatch(FORBIDDEN)
      }),
      { numRuns: 500 },
    )
  })

  test('loses nothing but that: words, tabs and lines stay', () => {
    const text = 'Prüfe `x` & "y"; $HOME\n\tzweite Zeile – 集計 🙂\n\nnach einer leeren'
    expect(pasteText(text)).toBe(text)
    expect(pasteText('a\r\nb\rc\n\n')).toBe('a\nb\nc')
  })

  test.each(['/exit', '!rm -rf x', '  /clear', '\n!ls'])('%j is a command of the CLI and is refused', (text) => {
    expect(promptFor(text, 'idle')).toMatchObject({ refused: true, code: 'would_run_as_command' })
  })

  test('hidden bytes in front do not make a command of it', () => {
    expect(promptFor('\u001b\u0000/exit', 'idle')).toMatchObject({ code: 'would_run_as_command' })
    expect(promptFor('\u0007\u200b'.slice(0, 1), 'idle')).toMatchObject({ code: 'empty_prompt' })
  })

  test('a word behind @ at its end would open a list in which Enter chooses', () => {
    expect(promptFor('read @src/main.ts', 'idle')).toBe('read @src/main.ts ')
    expect(promptFor('mail me@', 'idle')).toBe('mail me@')
  })

  test('too long is refused, not cut', () => {
    expect(promptFor('x'.repeat(MAX_PROMPT + 1), 'idle')).toMatchObject({ code: 'prompt_too_long' })
  })

  test.each(adapters.map((adapter) => [adapter.cli, adapter] as const))(
    '%s: whatever is asked, one paste of clean text and Enter alone go out',
    (cli, adapter) => {
      const [folder, name] = RESTS[cli as keyof typeof RESTS]
      const rest = recordedScreen(folder, name)
      fc.assert(
        fc.property(hostile, (text) => {
          const planned = adapter.deliver(text, { ...rest, state: 'idle', recorded: 0 })
          if ('refused' in planned) return
          const pastes = planned.steps.filter((step) => step.do === 'paste')
          expect(pastes).toHaveLength(1)
          expect(pastes[0]?.text).not.toMatch(FORBIDDEN)
          const keys = [
            ...planned.steps.flatMap((step) => (step.do === 'keys' ? step.keys : [])),
            ...(planned.retry?.keys ?? []),
          ]
          expect(new Set(keys)).toEqual(new Set(['Enter']))
        }),
        { numRuns: 200 },
      )
    },
  )
})
