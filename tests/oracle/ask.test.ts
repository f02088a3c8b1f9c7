import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pasteable } from '../../src/core/shell-word.ts'
import type { KnownNames } from '../../src/oracle/ask-names.ts'
import { readSpan } from '../../src/oracle/ask-span.ts'
import { understand, wordsOf } from '../../src/oracle/ask-understand.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const KNOWN: KnownNames = {
  machine: ['atlas', 'orko', 'build-1.lan'],
  agent: ['atlas/claude-7k2m', 'orko/claude-7k2m', 'orko/codex-abcd'],
  account: ['ops@example.org'],
  repo: ['ledger', 'atlas'],
}
const read = (question: string) => understand(question, KNOWN, NOW, ['gpt-5', 'claude-opus-4-8'])

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
    expect(readSpan(wordsOf(question), NOW)).toMatchObject({ is: 'span', span: { since, until } })
  })
  test('none is none', () => expect(readSpan(wordsOf('who needs me'), NOW)).toEqual({ is: 'none' }))

  test.each([
    ['what did it cost on 2026-11-18', '2026-11-18T00:00:00.000Z', '2026-11-19T00:00:00.000Z'],
    ['what did it cost on 2026-11-20', '2026-11-20T00:00:00.000Z', null],
    ['what did it cost the day before yesterday', '2026-11-18T00:00:00.000Z', '2026-11-19T00:00:00.000Z'],
    ['what did it cost last month', '2026-10-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z'],
    ['what changed since two weeks', '2w', null],
    ['cost between 2026-11-01 and 2026-11-05', '2026-11-01T00:00:00.000Z', '2026-11-06T00:00:00.000Z'],
    ['cost from 2026-11-01 until yesterday 14:00', '2026-11-01T00:00:00.000Z', '2026-11-19T14:00:00.000Z'],
    ['cost from 2026-11-18 to 2026-11-30', '2026-11-18T00:00:00.000Z', null],
    ['what changed since 2026-11-18t09:30', '2026-11-18T09:30:00.000Z', null],
  ])('%s', (question, since, until) => {
    const said = read(question)
    expect(said).toMatchObject({ is: 'intent', span: { since, until }, unused: [] })
  })
})

describe('what is not read makes no answer about something else', () => {
  test.each([
    ['what did it not cost today', 'not'],
    ["which machines aren't down", "aren't"],
    ['what did it cost without atlas', 'without'],
    ['which accounts are not near their limit', 'not'],
    ['why is orko not slow', 'not'],
    ['what did it cost on 2026-13-45', '2026-13-45'],
    ['what did it cost on 2026-11-31', '2026-11-31'],
    ['what did it cost on monday', 'monday'],
    ['what did it cost in october', 'october'],
    ['what did it cost on november 3', 'november'],
    ['cost last year', 'year'],
    ['cost in 2025', '2025'],
    ['cost 20.11.2026', '20.11.2026'],
    ['cost on 11/20', '11/20'],
    ['what changed since 25:00', '25:00'],
    ['what changed since 7pm', '7pm'],
    ['cost tomorrow', 'tomorrow'],
    ['cost next week', 'week'],
    ['cost in the last few weeks', 'weeks'],
    ['cost on 2026-12-05', '2026-12-05'],
    ['cost until 2026-11-05', 'until'],
    ['cost today and yesterday', 'yesterday'],
    ['cost from 2026-11-05 to 2026-11-01', '2026-11-05'],
    ['who needs me at 99:99', '99:99'],
  ])('%s', (question, word) => expect(read(question)).toMatchObject({ is: 'unclear', word }))

  test('“not” that belongs to a question is read', () => {
    expect(read('why is codex-abcd not working')).toMatchObject({ is: 'intent', intent: { id: 'agent_stuck' } })
  })

  test('a time past is named where only the present is told', () => {
    expect(read('who needed me yesterday')).toMatchObject({
      is: 'intent',
      unused: expect.arrayContaining(['yesterday']),
    })
    expect(read('why was orko slow yesterday')).toMatchObject({ is: 'intent', unused: ['yesterday'] })
    expect(read('why is orko slow since 2h')).toMatchObject({ is: 'intent', unused: [] })
    expect(read('who needs me today')).toMatchObject({ is: 'intent', unused: [] })
  })
})

test.each([
  ['cost per day this week', 'day'],
  ['which agent spent most today', 'agent'],
  ['cost by repo', 'project'],
  ['what did it cost', null],
])('%s is told by its own word', (question, by) => expect(read(question)).toMatchObject({ is: 'intent', by }))

test.each([
  ['what did gpt-5 cost today', [{ kind: 'model', name: 'gpt-5' }]],
  ['how much did claude cost', [{ kind: 'cli', name: 'claude' }]],
  [
    'what did codex and gemini spend',
    [
      { kind: 'cli', name: 'codex' },
      { kind: 'cli', name: 'gemini' },
    ],
  ],
])('%s: models and CLIs are known where sums are asked for', (question, named) =>
  expect(read(question)).toMatchObject({ is: 'intent', intent: { id: 'cost' }, named, unused: [] }),
)

test('elsewhere a model or CLI is a word that was not used', () => {
  expect(read('what changed, codex?')).toMatchObject({ is: 'intent', named: [], unused: ['codex'] })
})

test('what is to come is not told as what was', () => {
  expect(read('what will it cost this month')).toMatchObject({ is: 'unclear', word: 'will' })
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
