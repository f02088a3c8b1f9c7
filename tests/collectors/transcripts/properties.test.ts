import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { claudeSource } from '../../../src/collectors/claude/source.ts'
import { codexSource } from '../../../src/collectors/codex/source.ts'
import { FactLedger } from '../../../src/collectors/transcripts/fact-ledger.ts'
import { mergeFacts, totalTokens } from '../../../src/collectors/transcripts/ledger.ts'
import { FactSink } from '../../../src/collectors/transcripts/scan.ts'
import type { UsageFact } from '../../../src/collectors/transcripts/source.ts'
import { parseBytes, totalsOf } from './parse-bytes.ts'

const fixture = (name: string): Buffer => readFileSync(`tests/fixtures/${name}`)

const CASES = [
  ['claude', claudeSource, fixture('claude/session-interactive-2.1.197.jsonl')],
  ['codex', codexSource, fixture('codex/rollout-exec-0.169.0.jsonl')],
] as const

describe.each(CASES)('%s', (_, source, bytes) => {
  const whole = totalsOf(parseBytes(source, bytes).sink)

  test('a file cut at any bytes gives the same totals', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 5 }), (cuts) => {
        expect(totalsOf(parseBytes(source, bytes, cuts).sink)).toEqual(whole)
      }),
      { numRuns: 150 },
    )
  })

  test('the same payload twice changes nothing', () => {
    const sink = new FactSink()
    parseBytes(source, bytes, [], sink)
    parseBytes(source, bytes, [1000], sink, '/other/copy.jsonl')
    expect(totalsOf(sink)).toEqual(whole)
  })

  test('arbitrary bytes never throw and never invent usage', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        const sink = parseBytes(source, Buffer.concat([Buffer.from(noise), Buffer.from('\n')])).sink
        expect(totalsOf(sink)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  test('damaged lines lose themselves only', () => {
    const lines = bytes.toString('utf8').split('\n').slice(0, -1)
    fc.assert(
      fc.property(fc.nat(lines.length), fc.string({ maxLength: 60 }), (at, noise) => {
        const damaged = [
          ...lines.slice(0, at),
          `{"type":"assistant",${noise.replaceAll('\n', ' ')}`,
          ...lines.slice(at),
        ]
        expect(totalsOf(parseBytes(source, Buffer.from(`${damaged.join('\n')}\n`)).sink)).toEqual(whole)
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    ['deep nesting', `{"type":"assistant","message":${'['.repeat(200_000)}"_tokens"`],
    [
      'NaN and infinities',
      '{"type":"assistant","message":{"id":"m","usage":{"input_tokens":NaN,"output_tokens":1e999}}}',
    ],
    ['a ten megabyte line', `{"type":"assistant","message":{"id":"m","content":"${'x'.repeat(10_000_000)}_tokens"`],
    ['control characters', '{"type":"token_usage_record","payload":{"usage":{"input_tokens":"\u0000\u001b[2J"}}}'],
    ['a record that is a number', '7'],
  ])('%s: no throw, no usage', (_name, line) => {
    expect(totalsOf(parseBytes(source, Buffer.from(`${line}\n`)).sink)).toEqual([])
  })
})

const anyFact = fc.record({
  provider: fc.constant('anthropic'),
  key: fc.constantFrom('a', 'b'),
  tsMs: fc.nat(5),
  requestId: fc.constantFrom(null, 'r'),
  model: fc.constant('m'),
  inputTokens: fc.nat(3),
  outputTokens: fc.nat(3),
  cacheReadTokens: fc.nat(3),
  cacheWrite5mTokens: fc.constant(0),
  cacheWrite1hTokens: fc.constant(0),
  reasoningTokens: fc.constant(0),
  place: fc.constantFrom('s1', 's2').map((sessionId) => ({
    sessionId,
    parentSessionId: null,
    isSidechain: false,
    cwd: null,
    account: null,
  })),
}) satisfies fc.Arbitrary<UsageFact>

test('merging does not depend on the order of reports', () => {
  const sums = (facts: readonly UsageFact[]) => {
    const ledger = new FactLedger()
    for (const fact of facts) ledger.add(fact)
    return ledger
      .values()
      .toSorted((a, b) => (a.key < b.key ? -1 : 1))
      .map((f) => [f.key, f.outputTokens, totalTokens(f), f.tsMs, f.place.sessionId, f.requestId])
  }
  fc.assert(
    fc.property(fc.array(anyFact, { maxLength: 8 }), fc.nat(), (facts, turn) => {
      const k = facts.length === 0 ? 0 : turn % facts.length
      expect(sums([...facts.slice(k), ...facts.slice(0, k)].reverse())).toEqual(sums(facts))
    }),
  )
})

test('a message seen in two sessions is shared and stays with the earlier one', () => {
  const [a, b] = [1, 2].map((n) => ({ ...(fc.sample(anyFact, { numRuns: 1, seed: 1 })[0] as UsageFact), tsMs: n }))
  const first = { ...(a as UsageFact), place: { ...(a as UsageFact).place, sessionId: 'parent' } }
  const copy = { ...(b as UsageFact), place: { ...(b as UsageFact).place, sessionId: 'fork' } }
  expect(mergeFacts(copy, first)).toMatchObject({ shared: true, tsMs: 1, place: { sessionId: 'parent' } })
})
