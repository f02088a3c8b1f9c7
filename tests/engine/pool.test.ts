import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inOrder, nextFromQueue, placeInLine, type Waiting } from '../../src/engine/pool.ts'

const at = (s: number): Date => new Date(Date.UTC(2026, 10, 21) + s * 1000)
const waits = (requestId: string, priority: string, s: number, machineId = 'atlas'): Waiting => ({
  requestId,
  machineId,
  priority,
  askedAt: at(s),
})
const LINE = [waits('a', 'low', 1), waits('b', 'normal', 2), waits('c', 'critical', 3), waits('d', 'normal', 1)]
const anyone = fc.record({
  requestId: fc.uuid(),
  machineId: fc.constantFrom('atlas', 'borg'),
  priority: fc.constantFrom('critical', 'high', 'normal', 'low', 'made up'),
  askedAt: fc.integer({ min: 0, max: 100 }).map(at),
})

describe('who waits for a place', () => {
  test('the urgent come first, then who asked first', () => {
    expect(inOrder(LINE).map((one) => one.requestId)).toEqual(['c', 'd', 'b', 'a'])
    expect(placeInLine(LINE, 'b')).toBe(3)
    expect(placeInLine(LINE, 'nobody')).toBeNull()
  })

  test('the order does not depend on how the line was read, and no machine gets more than its places', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(anyone, { selector: (one) => one.requestId }),
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 0, max: 8 }),
        (line, limit, taken) => {
          const places = [
            { machineId: 'atlas', limit, taken },
            { machineId: 'borg', limit: 1, taken: 0 },
          ]
          const next = nextFromQueue(line, places)
          expect(next).toEqual(nextFromQueue(line.toReversed(), places))
          const on = (id: string): number => next.filter((one) => one.machineId === id).length
          const free = Math.max(0, limit - taken)
          expect(on('atlas')).toBe(Math.min(free, line.filter((one) => one.machineId === 'atlas').length))
          expect(on('borg')).toBeLessThanOrEqual(1)
        },
      ),
    )
  })
})
