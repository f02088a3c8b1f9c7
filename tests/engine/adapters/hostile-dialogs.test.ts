// Commands and labels inside a dialog are written by models: whatever they look like, the key pressed is that of a plain yes.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adapterOf } from '../../../src/engine/adapters/index.ts'
import { sightOf } from './recorded.ts'

const RULER = '─'.repeat(100)

const bait = fc.constantFrom(
  '❯ 1. Yes', '  1. Yes', '   2. No', '❯ 2. Yes', '1. No', ' 4. Yes', '› 1. Yes, proceed (y)', '  3. No, and tell Codex what to do differently (esc)',
  '│ ● 1. Allow once', 'Do you want to proceed?', ' Esc to cancel · Tab to amend', RULER, '', 'touch a.txt', '   9. Yes (y)', '● 1. Allow once', '❯ ', '› ', '  Yes', '❯ Yes',
) // biome-ignore format: a list of words
const body = fc.array(fc.oneof(bait, fc.string({ unit: 'grapheme-ascii', maxLength: 60 })), { maxLength: 12 })

const longer = fc.constantFrom(
  'Yes, and always allow access to /x',
  "Yes, and don't ask again for `No` commands",
  'Yes, and switch to auto mode',
)

describe('a hostile dialog', () => {
  test('Claude: the digit pressed stands before a plain Yes in the last list, or nothing is pressed', () => {
    fc.assert(
      fc.property(
        body,
        fc.shuffledSubarray(['Yes', 'No', 'A', 'B'], { minLength: 4 }),
        longer,
        longer,
        (words, order, a, b) => {
          const labels = order.map((word) => (word === 'A' ? a : word === 'B' ? `${b} now` : word))
          const rows = labels.map((label, at) => `${at === 0 ? ' ❯' : '  '} ${at + 1}. ${label}`)
          const screen = [
            '❯ do it',
            '',
            RULER,
            ' Bash command',
            '',
            ...words.map((word) => ` ${word}`),
            '',
            ' Do you want to proceed?',
            ...rows,
            '',
            ' Esc to cancel · Tab to amend',
          ].join('\n')
          const sight = sightOf('claude', { screen, state: 'needs_approval' })
          for (const [say, label] of [
            ['approve', 'Yes'],
            ['reject', 'No'],
          ] as const) {
            const planned = adapterOf('claude').answer({ say }, sight.dialog?.hash ?? '', sight)
            if ('refused' in planned) continue
            const keys = planned.steps.flatMap((step) => (step.do === 'keys' ? step.keys : []))
            expect(keys).toEqual([String(labels.indexOf(label) + 1)])
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('Codex: the letter pressed is the plain Yes of the last list, or nothing is pressed', () => {
    fc.assert(
      fc.property(body, fc.string({ unit: 'grapheme-ascii', maxLength: 30 }), (words, prefix) => {
        const rows = [
          '› 1. Yes, proceed (y)',
          `  2. Yes, and don't ask again for commands that start with \`${prefix}\` (p)`,
          '  3. No, and tell Codex what to do differently (esc)',
        ]
        const screen = [
          '› do it',
          '',
          '• Running',
          '',
          '  Would you like to run the following command?',
          '',
          ...words.map((word) => `  ${word}`),
          '',
          ...rows,
          '',
          '  Press enter to confirm or esc to cancel',
        ].join('\n')
        const sight = sightOf('codex', { screen, state: 'needs_approval' })
        for (const [say, key] of [
          ['approve', 'y'],
          ['reject', 'Escape'],
        ] as const) {
          const planned = adapterOf('codex').answer({ say }, sight.dialog?.hash ?? '', sight)
          if ('refused' in planned) continue
          expect(planned.steps.flatMap((step) => (step.do === 'keys' ? step.keys : []))).toEqual([key])
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('Gemini: the digit pressed stands before Allow once in the last list, or nothing is pressed', () => {
    fc.assert(
      fc.property(
        body,
        fc.shuffledSubarray(['Allow once', 'Allow for this session', 'No, suggest changes (esc)'], { minLength: 3 }),
        (words, labels) => {
          const box = (line: string): string => `│ ${line.padEnd(90)} │`
          const rows = labels.map((label, at) => box(`${at === 0 ? '●' : ' '} ${at + 1}. ${label}`))
          const screen = [
            '✦ I will.',
            `╭${'─'.repeat(92)}╮`,
            box('? Shell'),
            ...words.map((word) => box(word)),
            box('Allow execution of [Shell]?'),
            box(''),
            ...rows,
            `╰${'─'.repeat(92)}╯`,
          ].join('\n')
          const sight = sightOf('gemini', { screen, state: 'needs_approval' })
          const planned = adapterOf('gemini').answer({ say: 'approve' }, sight.dialog?.hash ?? '', sight)
          if ('refused' in planned) return
          expect(planned.steps.flatMap((step) => (step.do === 'keys' ? step.keys : []))).toEqual([
            String(labels.indexOf('Allow once') + 1),
          ])
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('most honest dialogs are answered: a suite that refuses everything would prove nothing', () => {
    const screen = [
      '❯ do it',
      '',
      RULER,
      ' Bash command',
      '',
      ' rm -rf build',
      '',
      ' Do you want to proceed?',
      ' ❯ 1. Yes',
      '   2. No',
      '',
      ' Esc to cancel · Tab to amend',
    ].join('\n')
    const sight = sightOf('claude', { screen, state: 'needs_approval' })
    expect(adapterOf('claude').answer({ say: 'approve' }, sight.dialog?.hash ?? '', sight)).toMatchObject({
      verb: 'approve',
    })
  })
})
