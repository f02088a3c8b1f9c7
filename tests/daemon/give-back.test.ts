import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { giveBackLater } from '../../src/daemon/give-back.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('what starting needed is given back once, a minute later', () => {
  const collect = vi.fn()
  giveBackLater({ collect, usedBytes: () => 30e6 })
  vi.advanceTimersByTime(59_000)
  expect(collect).not.toHaveBeenCalled()
  vi.advanceTimersByTime(3_600_000)
  expect(collect.mock.calls).toEqual([[{ type: 'major', flavor: 'last-resort' }]])
})

test('a large heap is left alone, and so is that of a daemon that ended before', () => {
  const collect = vi.fn()
  giveBackLater({ collect, usedBytes: () => 300e6 })
  giveBackLater({ collect, usedBytes: () => 30e6 })()
  vi.advanceTimersByTime(3_600_000)
  expect(collect).not.toHaveBeenCalled()
})

test('a process without a word for it goes on', () => {
  giveBackLater({ collect: undefined, usedBytes: () => 30e6 })
  expect(() => vi.advanceTimersByTime(3_600_000)).not.toThrow()
})
