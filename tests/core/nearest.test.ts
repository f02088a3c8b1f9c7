import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nearestName, suggestName } from '../../src/core/nearest.ts'

const KNOWN = ['machines', 'config', 'completion', 'status', 'max_connections', 'tags']

test.each([
  ['machnes', 'machines'],
  ['Machines', 'machines'],
  ['stat', 'status'],
  ['max_conn', 'max_connections'],
  ['tgas', 'tags'],
  ['tagS', 'tags'],
  ['xyzzy', null],
  ['', null],
  ['q', null],
])('%j means %j', (typed, meant) => expect(nearestName(typed, KNOWN)).toBe(meant))

test('where nothing is near, everything is listed; where there is nothing, that is said', () => {
  expect(suggestName('xyzzy', ['a1', 'b2'])).toBe('known: a1, b2')
  expect(suggestName('xyzzy', [])).toBe('there are none')
})

test('a known name is always its own nearest, and an answer is always a known name', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), {
    minLength: 1,
    maxLength: 8,
    selector: (name) => name.toLowerCase(),
  })
  fc.assert(
    fc.property(names, fc.nat(), fc.string({ maxLength: 12 }), (known, pick, other) => {
      const own = known[pick % known.length] ?? ''
      expect(nearestName(own, known)).toBe(own)
      expect([...known, null]).toContain(nearestName(other, known))
    }),
  )
})
