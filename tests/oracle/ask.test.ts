import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KnownNames } from '../../src/oracle/ask-names.ts'
import { spanOf } from '../../src/oracle/ask-span.ts'
import { understand, wordsOf } from '../../src/oracle/ask-understand.ts'
import { pasteable } from '../../src/oracle/pasteable.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const KNOWN: KnownNames = {
  machine: ['atlas', 'orko', 'build-1.lan'],
  agent: ['atlas/claude-7k2m', 'orko/claude-7k2m', 'orko/codex-abcd'],
  account: ['ops@example.org'],
  repo: ['ledger', 'atlas'],
}
const read = (question: string) => understand(question, KNOWN, NOW)

test.each([
  ['why is orko slow?', 'machine_slow', ['orko']],
  ['Is build-1.lan overloaded', 'machine_slow', ['build-1.lan']],
  ['orko', 'machine_slow', ['orko']],
  ['why is codex-abcd stuck', 'agent_stuck', ['orko/codex-abcd']],
  ["what's orko/claude-7k2m doing", 'agent_stuck', ['orko/claude-7k2m']],
  ['who is waiting for me', 'who_needs_me', []],
  ['which agents are stuck', 'who_needs_me', []],
  ['what should I do now', 'what_next', []],
  ['how much did ops spend this month', 'cost', ['ops@example.org']],
  ['are we near a rate limit', 'next_account', []],
  ['what happened since 03:12', 'changed', []],
  ['what can I work on', 'ready_work', []],
  ['is the disk full on orko', 'disk', ['orko']],
  ['how are the builds', 'builds', []],
  ['unread messages?', 'mail', []],
  ['any open alerts', 'incidents', []],
  ['which repos are dirty', 'dirty_repos', []],
])('%s', (question, intent, named) => {
  const said = read(question)
  expect(said).toMatchObject({ is: 'intent', intent: { id: intent } })
  if (said.is === 'intent') expect(said.named.map(({ name }) => name)).toEqual(expect.arrayContaining(named))
})

test('a short name that two agents share names neither', () => {
  expect(read('why is claude-7k2m stuck')).toMatchObject({ is: 'which', intent: { id: 'agent_stuck' } })
})

test('letters in each other’s place are seen as the slip they are', () => {
  expect(read('why is okro slow')).toMatchObject({ is: 'which', guess: { kind: 'machine', name: 'orko' } })
})

describe('times', () => {
  test.each([
    ['what changed since 2h', '2h', null],
    ['what changed in the last 30 minutes', '30m', null],
    ['what did it cost today', '2026-11-20T00:00:00.000Z', null],
    ['what did it cost yesterday', '2026-11-19T00:00:00.000Z', '2026-11-20T00:00:00.000Z'],
    ['what changed since yesterday', '2026-11-19T00:00:00.000Z', null],
    ['what changed since 03:12', '2026-11-20T03:12:00.000Z', null],
    ['what changed since 23:30', '2026-11-19T23:30:00.000Z', null],
    ['what changed since 2026-11-18', '2026-11-18T00:00:00.000Z', null],
    ['what did it cost this month', '2026-11-01T00:00:00.000Z', null],
    ['what did it cost in a month', '30d', null],
    ['what did it cost this week', '7d', null],
  ])('%s', (question, since, until) => {
    expect(spanOf(wordsOf(question), NOW)).toMatchObject({ since, until })
  })
  test('none is none', () => expect(spanOf(wordsOf('who needs me at 99:99'), NOW)).toBeNull())
})

test('any text is read to an end, and names only what is known', () => {
  const all = Object.values(KNOWN).flat()
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const said = read(`why is ${text} slow`)
      if (said.is === 'intent') for (const { name } of said.named) expect(all).toContain(name)
    }),
  )
})

test('every word of a line for the shell stays one word', () => {
  expect(pasteable(['vc', 'explain', 'atlas/claude-7k2m'])).toBe('vc explain atlas/claude-7k2m')
  expect(pasteable(['vc', "it's; rm -rf /", '', '$(x)'])).toBe("vc 'it'\\''s; rm -rf /' '' '$(x)'")
})
