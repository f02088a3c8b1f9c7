import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ScrapeRun } from '../../src/core/rows.ts'
import { watchStragglers } from '../../src/daemon/stragglers.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const run = (collector: string, up = true): ScrapeRun => ({ collector, up }) as ScrapeRun

const watched = () => {
  const given: string[] = []
  const names = (runs: readonly ScrapeRun[]): string => runs.map(({ collector }) => collector).join(' ')
  const stragglers = watchStragglers(5_000, (runs, first) => given.push(`${first ? 'first' : 'then'}: ${names(runs)}`))
  return { given, stragglers, left: (runs: readonly ScrapeRun[]) => names(stragglers.end(runs)) }
}

test('a look that ends in time gives all of it back at its end', () => {
  const { given, stragglers, left } = watched()
  const all = [run('probe'), run('tmux')]
  for (const one of all) stragglers.freed(one)
  expect([left(all), given]).toEqual(['probe tmux', []])
  vi.advanceTimersByTime(60_000)
  expect(given).toEqual([])
})

test('one that takes too long gives back what is through, then each that follows, and only the rest at its end', () => {
  const { given, stragglers, left } = watched()
  const [probe, tmux, ntm, git] = [run('probe'), run('tmux', false), run('ntm'), run('git')]
  for (const one of [probe, tmux]) stragglers.freed(one)
  vi.advanceTimersByTime(5_000)
  stragglers.freed(ntm)
  expect(given).toEqual(['first: probe tmux', 'then: ntm'])
  expect(left([probe, tmux, ntm, git])).toBe('git')
})

test('as long as nothing of a machine answered, it may hang as a whole: nothing is given back', () => {
  const { given, stragglers, left } = watched()
  const [tmux, probe] = [run('tmux', false), run('probe')]
  stragglers.freed(tmux)
  vi.advanceTimersByTime(5_000)
  expect(given).toEqual([])
  stragglers.freed(probe)
  expect(given).toEqual(['first: tmux probe'])
  expect(left([tmux, probe])).toBe('')
})
