import { describe, expect, test } from 'vitest'
import { argvOf } from '../../../src/tui/view/argv.ts'
import { widthOf } from '../../../src/tui/view/cell.ts'
import { constellation } from '../../../src/tui/view/constellation.ts'
import { isOldAnswer, olderBy } from '../../../src/tui/view/lying.ts'
import { found } from '../../../src/tui/view/narrowed.ts'
import { labelled, wrapped } from '../../../src/tui/view/wrapped.ts'
import { answered, HOSTILE } from '../screens/snapshot.ts'

const textOf = (parts: readonly { readonly text: string }[]): string => parts.map(({ text }) => text).join('')

describe('a constellation', () => {
  test('shows who needs a person first, one sign per agent', () => {
    expect(textOf(constellation({ idle: 2, working: 3, needs_approval: 1, rate_limited: 1, dead: 1 }))).toBe('!~@@@**x')
  })

  test('says how many did not fit, and never more signs than it may', () => {
    const shown = textOf(constellation({ working: 40, needs_approval: 2 }, 12))
    expect(shown).toBe('!!@@@@@@@+33')
    expect(textOf(constellation({}))).toBe('—')
  })

  test('counts states of a newer vc as unknown instead of leaving them out', () => {
    expect(textOf(constellation({ dreaming: 2, working: 1 }))).toBe('@??')
  })
})

describe('a sentence in a panel', () => {
  test('is broken between words and never wider than its place, whatever it holds', () => {
    expect(wrapped('read the dialog and answer it', 12)).toEqual(['read the', 'dialog and', 'answer it'])
    for (const text of HOSTILE)
      for (const line of wrapped(`before ${text} after`, 20)) expect(widthOf(line)).toBeLessThanOrEqual(20)
  })

  test('stands beside its label, which is said once', () => {
    expect(labelled('advice', 'swap now or wait for it', 24).map(textOf)).toEqual([
      'advice     swap now or',
      '           wait for it',
    ])
  })
})

test('an answer that lies here makes what it says older, and stale in the end', () => {
  const row = { age_s: 10, stale: false }
  expect(olderBy(row, answered({}, { ageMs: 3_000 }))).toEqual({ age_s: 13, stale: false })
  expect(olderBy(row, answered({}, { ageMs: 60_000 }))).toEqual({ age_s: 70, stale: true })
  expect(olderBy({ age_s: null, stale: true }, answered({}))).toEqual({ age_s: null, stale: true })
  expect([isOldAnswer(undefined), isOldAnswer(answered({}, { ageMs: 20_000 }), 30_000)]).toEqual([false, false])
})

test('a search finds in any of the fields, without regard to case', () => {
  expect(found({ text: ' SHOP ' }, null, '/srv/code/shop')).toBe(true)
  expect(found({ text: 'mail' }, '/srv/code/shop', undefined)).toBe(false)
  expect(found({ text: '' })).toBe(true)
})

test('only commands of vc that need no shell are run from a screen', () => {
  expect(argvOf('vc machines probe fenrir')).toEqual(['machines', 'probe', 'fenrir'])
  for (const command of [
    'ssh atlas true',
    'vc search "two words"',
    'vc a; rm b',
    'vc a $(b)',
    'vc machines probe <id>',
    null,
  ])
    expect(argvOf(command)).toBeNull()
})
