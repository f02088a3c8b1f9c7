import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findPatterns, type PatternLook } from '../../src/oracle/patterns.ts'
import { seededRandom, shuffleInPlace } from '../../src/oracle/patterns-random.ts'
import { holm } from '../../src/oracle/patterns-test.ts'
import { swarmWorld, toEnd } from './swarm-worlds.ts'

const look = (world: ReturnType<typeof swarmWorld>): PatternLook => toEnd(findPatterns(world.hours, world.errors))
const SEED = 20_261_121

test('where agents know nothing of one another, fewer than one look in twenty finds anything', () => {
  const looks = Array.from({ length: 200 }, (_, at) => look(swarmWorld(SEED + at, { agents: 5, days: 14 })))
  const wrong = looks.filter(({ patterns }) => patterns.length > 0)
  const tests = looks.reduce((sum, one) => sum + one.tests, 0)
  expect(tests, 'pairs had enough hours to be tested at all').toBeGreaterThan(200 * 5)
  expect(
    wrong.length / looks.length,
    wrong.flatMap(({ patterns }) => patterns.map(({ words }) => words)).join('\n'),
  ).toBeLessThan(0.05)
}, 120_000)

test('agents that slow each other down are found, with n and p', () => {
  const { patterns, tests } = look(swarmWorld(SEED, { agents: 3, days: 30, together: 0.4 }))
  expect(patterns.length).toBeGreaterThan(0)
  for (const one of patterns) {
    expect(one).toMatchObject({ kind: 'contention' })
    expect(one.effect).toBeLessThan(-0.3)
    expect(one.n).toBeGreaterThanOrEqual(40)
    expect(one.pAdjusted).toBeLessThan(0.05)
    expect(one.p).toBeLessThanOrEqual(one.pAdjusted)
    expect(one.words).toMatch(/write on average \d+ % less/)
  }
  expect(tests).toBeGreaterThanOrEqual(patterns.length)
})

test('agents that help each other are found as synergy', () => {
  const kinds = look(swarmWorld(SEED, { agents: 3, days: 30, together: 2.2 })).patterns.map(({ kind }) => kind)
  expect(new Set(kinds)).toEqual(new Set(['synergy']))
})

test('errors that follow those of another are found in their direction', () => {
  const found = look(swarmWorld(SEED, { agents: 4, days: 21, follows: 0.8 })).patterns.filter(
    ({ kind }) => kind === 'cascade',
  )
  expect(found.map(({ agents }) => agents)).toEqual([['atlas/claude-0', 'atlas/claude-1']])
  expect(found[0]?.words).toContain('may have one cause')
})

test('an agent that turns to another project has drifted', () => {
  const found = look(swarmWorld(SEED, { agents: 3, days: 16, turnsAt: 8 })).patterns.filter(
    ({ kind }) => kind === 'drift',
  )
  expect(found).toMatchObject([{ agents: ['atlas/claude-0'], n: 16, effect: 1 }])
})

test('with few samples nothing is even tested', () => {
  expect(look(swarmWorld(SEED, { agents: 4, days: 1, together: 0.1, follows: 1 }))).toEqual({ tests: 0, patterns: [] })
  expect(look({ hours: [], errors: [] })).toEqual({ tests: 0, patterns: [] })
})

test('the same rows say the same twice', () => {
  const world = swarmWorld(SEED, { agents: 3, days: 30, together: 0.4 })
  expect(look(world)).toEqual(look(world))
})

test('Holm: never below the single p, monotone, and the least is multiplied by all', () => {
  expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06])
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (ps) => {
      const adjusted = holm(ps)
      for (const [at, p] of ps.entries()) {
        expect(adjusted[at]).toBeGreaterThanOrEqual(p)
        expect(adjusted[at]).toBeLessThanOrEqual(1)
      }
    }),
  )
})

test('a shuffle keeps every value, and every order is about as likely', () => {
  const random = seededRandom(SEED)
  const counts = new Map<string, number>()
  for (let at = 0; at < 6000; at++) {
    const values = [1, 2, 3]
    shuffleInPlace(values, random)
    counts.set(values.join(), (counts.get(values.join()) ?? 0) + 1)
  }
  expect(counts.size).toBe(6)
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
})
