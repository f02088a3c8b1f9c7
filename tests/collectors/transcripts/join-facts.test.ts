import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FactLedger } from '../../../src/collectors/transcripts/fact-ledger.ts'
import { hashOf } from '../../../src/collectors/transcripts/hash.ts'
import { joinFacts } from '../../../src/collectors/transcripts/join-facts.ts'
import { keyIndexOf } from '../../../src/collectors/transcripts/key-index.ts'
import { mergeFacts, usageFact } from '../../../src/collectors/transcripts/ledger.ts'
import { factsOf, packFacts } from '../../../src/collectors/transcripts/pack.ts'
import type { Place, UsageFact } from '../../../src/collectors/transcripts/source.ts'

const place = (sessionId: string): Place => ({
  sessionId,
  parentSessionId: null,
  isSidechain: false,
  cwd: '/work',
  account: null,
})

const fact = (key: string, output: number, tsMs: number, requestId: string | null): UsageFact =>
  usageFact({
    provider: 'anthropic',
    key,
    tsMs,
    requestId,
    model: output % 2 === 0 ? null : 'model',
    inputTokens: 1,
    outputTokens: output,
    cacheReadTokens: 0,
    cacheWrite5mTokens: 0,
    cacheWrite1hTokens: 0,
    reasoningTokens: 0,
    place: place(`session-${tsMs % 3}`),
  })

const facts = fc.array(
  fc.tuple(
    // Few keys, so that they meet again; two that have the same hash; and some of their own.
    fc.oneof(fc.constantFrom('a', 'b', 'é', 'costarring', 'liquid'), fc.string({ minLength: 1, maxLength: 8 })),
    fc.nat(9),
    fc.nat(9),
    fc.option(fc.constantFrom('req_1', 'req_2')),
  ),
  { maxLength: 40 },
)

const onePerKey = (parts: readonly (readonly UsageFact[])[]): Map<string, UsageFact> => {
  const all = parts.flatMap((part) => factsOf(packFacts(part)))
  const byKey = new Map<string, UsageFact>()
  for (const one of all) byKey.set(one.key, byKey.has(one.key) ? mergeFacts(byKey.get(one.key) as UsageFact, one) : one)
  return byKey
}

test('parts joined in columns are the parts joined one by one', () => {
  fc.assert(
    fc.property(fc.array(facts, { maxLength: 5 }), (given) => {
      const parts = given.map((part) => part.map((values) => fact(...values)))
      const joined = joinFacts(parts.map((part) => packFacts(part)))
      const expected = onePerKey(parts)
      expect(new Map(factsOf(joined).map((one) => [one.key, one]))).toEqual(expected)
      expect(joined.count).toBe(expected.size)
      expect([...joined.hashes]).toEqual(factsOf(joined).map(({ key }) => hashOf(key)))
      const index = keyIndexOf(joined)
      for (const [row, { key }] of factsOf(joined).entries()) expect(index.find(key)).toBe(row)
      expect(index.find('never a key of these')).toBe(-1)
    }),
  )
})

test('a ledger holds each key once, as a map would', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const ledger = new FactLedger()
      const all = given.map((values) => fact(...values))
      for (const one of all) ledger.add(one)
      const expected = onePerKey([all])
      expect(new Map(ledger.values().map((one) => [one.key, usageFact(one)]))).toEqual(expected)
      expect(ledger.size).toBe(expected.size)
      for (const [key, one] of expected) expect(usageFact(ledger.get(key) as UsageFact)).toEqual(one)
      expect(ledger.get('never a key of these')).toBeUndefined()
    }),
  )
})

test('two keys of one hash stay two messages', () => {
  expect(hashOf('costarring')).toBe(hashOf('liquid'))
  const joined = joinFacts([packFacts([fact('costarring', 1, 1, null)]), packFacts([fact('liquid', 2, 2, 'req')])])
  expect(factsOf(joined).map(({ key, outputTokens }) => [key, outputTokens])).toEqual([
    ['costarring', 1],
    ['liquid', 2],
  ])
})
