import { describe, expect, test } from 'vitest'
import { backtestLimits } from '../../src/commands/backtest-limits.ts'
import { readInstants, readObservations } from '../../src/commands/backtest-lines.ts'

const NOON = Date.UTC(2026, 10, 20, 12)
const at = (minute: number): string => new Date(NOON + minute * 60_000).toISOString()
const line = (minute: number, usedPct: number, over: object = {}): string =>
  JSON.stringify({
    account_key: 'a',
    window: '5h',
    used_pct: usedPct,
    resets_at: at(180),
    observed_at: at(minute),
    ...over,
  })
const steady = Array.from({ length: 51 }, (_, n) => line(n * 2, n * 2)).join('\n')
const instant = (minute: number): string => JSON.stringify({ account_key: 'a', window: '5h', at: at(minute) })

const run = (observations: string, instants: string | null) =>
  backtestLimits(
    readObservations(observations, 'seen.jsonl'),
    instants === null ? null : readInstants(instants, 'at.jsonl'),
  )

describe('a backtest', () => {
  test('says at each instant what was known then, and what came', () => {
    const { forecasts, accuracy } = run(steady, `${instant(60)}\n${instant(80)}\n`)
    expect(forecasts).toMatchObject([
      {
        at: at(60),
        used_pct: 60,
        outlook: 'forecast',
        minutes_to_reset: 120,
        actual: { minutes_to_limit: 40, hit_before_reset: true },
      },
      { at: at(80), used_pct: 80, actual: { minutes_to_limit: 20 } },
    ])
    expect(forecasts[0]?.minutes_to_limit).toBeCloseTo(40, 0)
    expect(accuracy).toMatchObject({ outcomes: 2 })
    expect(accuracy.median_relative_error).toBeLessThan(0.05)
  })

  test('an account with room is named where the other is used up', () => {
    const spare = line(95, 5, { account_key: 'b' })
    expect(run(`${steady}\n${spare}`, instant(101)).forecasts[0]).toMatchObject({
      outlook: 'hit',
      advice: { action: 'swap_now', to: 'b' },
    })
  })

  test('a window that ended before it was full is an outcome too', () => {
    const seen = `${line(0, 10)}\n${line(30, 12)}\n${line(60, 14)}\n${line(190, 1, { resets_at: at(400) })}`
    expect(run(seen, instant(61)).forecasts[0]?.actual).toEqual({ minutes_to_limit: null, hit_before_reset: false })
  })

  test('without instants it looks every five minutes', () => {
    expect(run(steady, null).forecasts).toHaveLength(20)
  })

  test('an instant of nobody is unknown, not left out', () => {
    expect(run(steady, JSON.stringify({ account_key: 'z', window: '5h', at: at(9) })).forecasts).toMatchObject([
      { outlook: 'unknown', minutes_to_limit: null },
    ])
  })

  test('times may be ISO, epoch seconds or milliseconds', () => {
    const [one] = readObservations(line(0, 1, { observed_at: NOON / 1000, resets_at: NOON }), 'f')
    expect([one?.observed_at, one?.resets_at]).toEqual([new Date(NOON), new Date(NOON)])
  })

  test.each([
    ['{', 'seen.jsonl:2: no JSON'],
    ['{"account_key":"a","window":"5h","observed_at":"soon"}', 'seen.jsonl:2: observed_at'],
    ['{"account_key":"a","observed_at":1795176000}', 'seen.jsonl:2: window'],
    ['[1]', 'seen.jsonl:2: the line'],
  ])('%s is refused with its line', (bad, words) => {
    expect(() => run(`${line(0, 1)}\n${bad}`, null)).toThrow(words)
  })
})
