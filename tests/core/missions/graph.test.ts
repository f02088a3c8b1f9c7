import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findCycle } from '../../../src/core/missions/graph.ts'

const graph = (edges: Readonly<Record<string, readonly string[]>>) => (id: string) => edges[id] ?? []

test('a ring is told in its order', () => {
  expect(findCycle(['a'], graph({ a: ['x', 'b'], b: ['c'], c: ['a'] }))).toEqual(['a', 'b', 'c', 'a'])
  expect(findCycle(['a'], graph({ a: ['a'] }))).toEqual(['a', 'a'])
})

test('two ways to the same mission are no ring', () => {
  expect(findCycle(['a', 'b'], graph({ a: ['b', 'c'], b: ['d'], c: ['d'] }))).toBeNull()
})

test('a chain of a hundred thousand is no trouble', () => {
  const next = (id: string): readonly string[] => (Number(id) < 100_000 ? [String(Number(id) + 1)] : [])
  expect(findCycle(['0'], next)).toBeNull()
})

test('it finds a ring exactly where there is no order to do them in', () => {
  const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 14 })
  fc.assert(
    fc.property(edges, (pairs) => {
      const ids = Array.from({ length: 8 }, (_, index) => String(index))
      const on = (id: string) => pairs.filter(([from]) => String(from) === id).map(([, to]) => String(to))
      // Taking away what waits on nothing that is left, again and again, ends with the rings.
      let left = ids
      for (let before = -1; before !== left.length; ) {
        before = left.length
        left = left.filter((id) => on(id).some((other) => left.includes(other)))
      }
      const ring = findCycle(ids, on)
      expect(ring !== null).toBe(left.length > 0)
      for (const [index, id] of (ring ?? []).slice(0, -1).entries()) expect(on(id)).toContain(ring?.[index + 1])
    }),
  )
})
