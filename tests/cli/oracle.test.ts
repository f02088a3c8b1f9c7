import { expect, test } from 'vitest'
import type { OracleAnswer } from '../../src/commands/oracle-accuracy.ts'
import type { AskRequest, Reader } from '../../src/core/carrier.ts'
import { vc } from './fake-cli.ts'
import { scratchHome } from './scratch-home.ts'

const at = scratchHome()

const asked: AskRequest[] = []
const readerOf = (data: OracleAnswer) => async (): Promise<Reader> => ({
  carrier: 'embedded',
  ask: async (request) => {
    asked.push(request)
    return { topic: request.topic, version: 1, generatedAt: '2026-11-20T22:00:00Z', data }
  },
  close: async () => {},
})

const EMPTY: OracleAnswer = { since: '2026-10-21T22:00:00Z', until: '2026-11-20T22:00:00Z', kinds: [], backtests: [] }
const FULL: OracleAnswer = {
  ...EMPTY,
  kinds: [
    {
      kind: 'limit', scored: 50, known: 40, came: 10, timed: 9, median_relative_error: 0.061, p90_relative_error: 0.3, brier: 0.0312, coverage_80: 0.8,
      calibration: [{ said_from: 0.2, said_mean: 0.23, came_share: 0.25, n: 40 }],
    },
    {
      kind: 'stuck_silent', scored: 2, known: 2, came: 2, timed: 0, median_relative_error: null, p90_relative_error: null, brier: 0.04,
      coverage_80: null, calibration: [],
    },
  ],
  backtests: [
    { kind: 'limit', ran_at: '2026-11-20T03:43:00Z', instants: 200, outcomes: 180, median_relative_error: 0.05, p90_relative_error: 0.2, brier: 0.03, coverage_80: 0.79 },
  ],
} // biome-ignore format: a table

test('accuracy prints error, Brier score, intervals and calibration per kind, and the nightly backtest', async () => {
  const said = await vc(['oracle', 'accuracy', '--since', '7d'], { at: at(), openReader: readerOf(FULL) })
  expect([said.exit, said.err]).toEqual([0, ''])
  expect(said.out).toMatch(/^limit +50 +40 +10 +6\.1 % \(n 9\) +30\.0 % +0\.031 +80\.0 %$/m)
  expect(said.out).toMatch(/^stuck_silent +2 +2 +2 +- +- +0\.040 +-$/m)
  expect(said.out).toContain('limit: said 23.0 %, came 25.0 % (n 40)')
  expect(said.out).toContain(
    'nightly backtest of limit, 2026-11-20 03:43 UTC: 200 forecasts, 180 outcomes known, median error 5.0 %',
  )
  expect(asked.at(-1)).toEqual({ topic: 'oracle', params: { since: '7d' } })
})

test('nothing scored yet is said, not shown as a table of nothing', async () => {
  const said = await vc(['oracle', 'accuracy'], { at: at(), openReader: readerOf(EMPTY) })
  expect(said).toMatchObject({
    exit: 0,
    out: 'no forecast has reached its horizon yet: nothing to compare with what came\n',
  })
  const json = await vc(['oracle', 'accuracy', '--format', 'json'], { at: at(), openReader: readerOf(FULL) })
  expect(JSON.parse(json.out)).toMatchObject({ kinds: [{ kind: 'limit' }, { kind: 'stuck_silent' }], warnings: [] })
})
