import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIssueLines } from '../../src/collectors/beads/parse.ts'
import type { BeadCategory, BeadGraphQuestion, BeadLink, BeadNode } from '../../src/core/beads.ts'
import { judgeBeads } from '../../src/oracle/beads-graph.ts'

const NOW = Date.UTC(2026, 5, 1)
const node = (id: string, over: Partial<BeadNode> = {}): BeadNode => ({
  ...{ id, category: 'open', priority: 2, deferUntilMs: null, quiet: false },
  ...over,
})
const blocks = (issue: string, on: string, type = 'blocks'): BeadLink => ({ issue, on, type })
const ask = (nodes: readonly BeadNode[], links: readonly BeadLink[] = []) => judgeBeads({ nodes, links, nowMs: NOW })
const standingOf = (nodes: readonly BeadNode[], links: readonly BeadLink[] = []) =>
  Object.fromEntries(ask(nodes, links).places.map(({ id, standing }) => [id, standing]))

describe('what stands ready follows bd', () => {
  test('an open issue is blocked by an open one, ready when that is done or pinned', () => {
    expect(standingOf([node('a'), node('b')], [blocks('b', 'a')])).toEqual({ a: 'ready', b: 'blocked' })
    for (const category of ['done', 'held'] as const)
      expect(standingOf([node('a', { category }), node('b')], [blocks('b', 'a')]).b).toBe('ready')
  })

  test('links to unknown and external issues hold nobody up; an unknown status does', () => {
    expect(standingOf([node('b')], [blocks('b', 'external:other:x')]).b).toBe('ready')
    expect(standingOf([node('a', { category: 'unknown' }), node('b')], [blocks('b', 'a')])).toEqual({
      a: 'held',
      b: 'blocked',
    })
  })

  test('a blocked parent blocks its children, an open one does not', () => {
    const family = [blocks('child', 'epic', 'parent-child')]
    expect(standingOf([node('epic'), node('child')], family).child).toBe('ready')
    const all = [node('epic'), node('child'), node('a')]
    expect(standingOf(all, [...family, blocks('epic', 'a')]).child).toBe('blocked')
  })

  test('waits-for waits on the open children of its target', () => {
    const links = [blocks('gate', 'epic', 'waits-for'), blocks('child', 'epic', 'parent-child')]
    expect(standingOf([node('gate'), node('epic'), node('child')], links).gate).toBe('blocked')
    expect(standingOf([node('gate'), node('epic'), node('child', { category: 'done' })], links).gate).toBe('ready')
  })

  test('deferral ends by itself, and is taken over from a parent', () => {
    expect(standingOf([node('a', { deferUntilMs: NOW + 1 }), node('b', { deferUntilMs: NOW })])).toEqual({
      a: 'deferred',
      b: 'ready',
    })
    const child = standingOf([node('p', { deferUntilMs: NOW + 1 }), node('c')], [blocks('c', 'p', 'parent-child')]).c
    expect(child).toBe('deferred')
  })

  test('parents in a ring end, and an issue that waits on itself is a cycle of one', () => {
    const ring = [blocks('a', 'b', 'parent-child'), blocks('b', 'a', 'parent-child'), blocks('a', 'a')]
    const answer = ask([node('a'), node('b')], ring)
    expect(answer.cycles).toEqual([['a']])
    expect(answer.places.map(({ standing }) => standing)).toEqual(['blocked', 'blocked'])
  })
})

describe('ready issues are ranked, each with its reasons', () => {
  test('urgent before the rest; among equals what frees more comes first', () => {
    const { places, criticalPath } = ask(
      [node('free'), node('key'), node('x'), node('y'), node('z'), node('hot', { priority: 0 })],
      [blocks('x', 'key'), blocks('y', 'key'), blocks('z', 'y')],
    )
    const ready = places.filter(({ score }) => score !== null).sort((a, b) => (b.score ?? 0) - (a.score ?? 0))
    expect(ready.map(({ id }) => id)).toEqual(['key', 'hot', 'free'])
    expect(ready[0]?.reasons).toEqual([
      'priority 2',
      'unblocks 2',
      'a chain of 2 waits on it',
      'first on the critical path',
    ])
    expect(criticalPath).toEqual(['key', 'y', 'z'])
  })

  test('an unknown priority is no priority, not the highest', () => {
    const { places } = ask([node('none', { priority: null }), node('least', { priority: 4 })])
    expect(places.map(({ score, reasons }) => [score, reasons])).toEqual([
      [0, []],
      [0, ['priority 4']],
    ])
  })
})

interface Insights {
  readonly Cycles: readonly (readonly string[])[] | null
  readonly Stats: Readonly<Record<'PageRank' | 'Betweenness' | 'CriticalPathScore', Record<string, number>>>
}
interface Plan {
  readonly plan: {
    readonly tracks: readonly { readonly items: readonly { id: string; unblocks: string[] | null }[] }[]
  }
}

describe.each(['plain', 'tied'])('equal to what bv 0.9.2 said of %s issues', (name) => {
  const file = (what: string) =>
    readFileSync(join(import.meta.dirname, '../fixtures/beads/bv-0.9.2', `${name}.${what}`))
  const parsed = parseIssueLines(file('jsonl'))
  if (parsed.is === 'refused') throw new Error(parsed.why)
  const question: BeadGraphQuestion = {
    nodes: parsed.set.issues.map(({ id, category, priority }) => node(id, { category, priority })),
    links: parsed.set.links,
    nowMs: NOW,
  }
  const answer = judgeBeads(question)
  const insights = JSON.parse(file('insights.json').toString()) as Insights
  const { plan } = JSON.parse(file('plan.json').toString()) as Plan

  test('PageRank, as both iterate until little changes', () => {
    const { PageRank } = insights.Stats
    expect(answer.places.length).toBe(Object.keys(PageRank).length)
    for (const { id, pagerank } of answer.places) expect(pagerank).toBeCloseTo(PageRank[id] ?? -1, 5)
  })

  test('betweenness, not normalised; bv leaves zeros out', () => {
    const { Betweenness } = insights.Stats
    for (const { id, betweenness } of answer.places) expect(betweenness).toBeCloseTo(Betweenness[id] ?? 0, 9)
  })

  test('critical path scores, which bv gives only where nothing is tied', () => {
    const scores = insights.Stats.CriticalPathScore
    const given = Object.keys(scores)
    expect(given.length).toBe(name === 'plain' ? answer.places.length : 0)
    for (const { id, impact } of answer.places) if (given.length > 0) expect([id, impact]).toEqual([id, scores[id]])
  })

  test('cycles: bv walks each ring back to its start, vc names the knot', () => {
    const knots = (insights.Cycles ?? []).map((ring) => [...new Set(ring)].sort())
    expect(answer.cycles.toSorted()).toEqual(knots.toSorted())
  })

  test('what can be worked on, and how many each sets free', () => {
    const items = plan.tracks.flatMap((track) => track.items)
    const done = new Set(question.nodes.filter(({ category }) => category === 'done').map(({ id }) => id))
    const actionable = answer.places.filter(({ id, waitsOn }) => waitsOn.length === 0 && !done.has(id))
    expect(actionable.map(({ id }) => id).sort()).toEqual(items.map(({ id }) => id).sort())
    const freed = new Map(items.map(({ id, unblocks }) => [id, unblocks?.length ?? 0]))
    for (const { id, unblocks } of actionable) expect([id, unblocks]).toEqual([id, freed.get(id)])
  })
})

test('any graph at all gets an answer: ranks sum to one, every issue has a place, ready ones wait on nothing', () => {
  const id = fc.integer({ min: 0, max: 11 }).map((at) => `i${at}`)
  const category = fc.constantFrom<BeadCategory>(
    'open',
    'in_progress',
    'blocked',
    'deferred',
    'held',
    'done',
    'unknown',
  )
  const nodes = fc.array(
    fc.record({ id, category }).map(({ id, category }) => node(id, { category })),
    { minLength: 1 },
  )
  const type = fc.constantFrom('blocks', 'parent-child', 'waits-for', 'conditional-blocks', 'related')
  const links = fc.array(fc.record({ issue: id, on: id, type }), { maxLength: 40 })
  fc.assert(
    fc.property(nodes, links, (nodes, links) => {
      const { places } = ask(nodes, links)
      expect(places.map(({ id }) => id)).toEqual([...new Set(nodes.map(({ id }) => id))])
      expect(places.reduce((sum, { pagerank }) => sum + pagerank, 0)).toBeCloseTo(1, 6)
      for (const place of places) {
        expect(place.standing === 'ready').toBe(place.score !== null)
        if (place.standing === 'ready') expect(place.waitsOn).toEqual([])
        expect(place.betweenness).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})

test('a graph too dense for betweenness says so and gives the rest', () => {
  const count = 2_000
  const nodes = Array.from({ length: count }, (_, at) => node(`n${at}`))
  const links = nodes.flatMap((_, at) =>
    [1, 2, 3].flatMap((back) => (at >= back ? [blocks(`n${at}`, `n${at - back}`)] : [])),
  )
  const answer = ask(nodes, links)
  expect([answer.betweennessState, answer.criticalPath.length]).toEqual(['skipped', count])
  expect(answer.places[0]).toMatchObject({ betweenness: null, impact: count })
})
