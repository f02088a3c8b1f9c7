import { expect, test } from 'vitest'
import type { Screen, ScreenView } from '../../../src/tui/screen.ts'
import { accounts } from '../../../src/tui/screens/accounts.ts'
import { recordedView } from './recorded.ts'
import { answered, LARGE, renderScreen, SMALL } from './snapshot.ts'

const screen = accounts as unknown as Screen

interface Forecasts {
  limits: { provider: string; account: string; window: string }[]
  past_errors: unknown[]
}

const spare = 'anthropic 849bc236cbc11d0cc33731220e685d3b claude 5h'

/** The spare account's short window is about to be full, and such forecasts were scored. */
const foretold = (more: Partial<ScreenView> = {}): ScreenView =>
  recordedView(
    'accounts',
    (data, as) => {
      if (as !== 'forecast') return answered(data)
      const { limits, past_errors: _, ...rest } = data as Forecasts
      return answered({
        ...rest,
        limits: limits.map((one) =>
          one.account.startsWith('849bc') && one.window === '5h'
            ? { ...one, outlook: 'forecast', minutes_to_limit: 42, interval: { low: 30, high: 90 }, probability_before_reset: 0.62,
                action: 'prepare_swap', confidence: 0.7, doubts: ['few values'] }
            : one,
        ),
        past_errors: [{ kind: 'limit', scored: 40, known: 31, came: 9, timed: 9, median_relative_error: 0.18, p90_relative_error: 0.44, brier: 0.1, coverage_80: 0.77 }],
      })
    },
    { chosen: { windows: spare }, ...more },
  ) // biome-ignore format: rows

test('a window shows its reset, the band of its forecast, the risk and what to do', async () => {
  const text = await renderScreen(screen, { size: LARGE, view: foretold() })
  expect(text).toMatch(/spare@example\.org 5h .* 6% +in \d h +full in 42 m \(30 m–90 m\) +62% prepare swap/)
  expect(text).toContain('forecast   full in 42 m (30 m–90 m), 62% before the reset; confidence 70%')
  expect(text).toContain('doubts     few values')
})

test('the account to go on with is called as people call it, and by its id where nobody knows it any more', async () => {
  const view = recordedView(
    'accounts',
    (data, as) => {
      if (as === 'accounts') return answered(data)
      const { limits, ...rest } = data as Forecasts
      const [dev] = limits.filter((one) => one.provider === 'anthropic' && !one.account.startsWith('849bc'))
      const alternatives = [{ account: 'gone-0f3a', headroom_pct: 61, cache_loss_microusd: null }]
      const swap = { action: 'swap_now', to: dev?.account, alternatives }
      return answered({ ...rest, limits: limits.map((one) => ({ ...one, ...swap })) })
    },
    { chosen: { windows: spare } },
  )
  const text = await renderScreen(screen, { size: LARGE, view })
  expect(text).toContain('swap now to dev@example.org')
  expect(text).toContain('instead    gone-0f3a: 61% free')
})

test('how right forecasts were stands beside them', async () => {
  const text = await renderScreen(screen, { size: LARGE, view: foretold() })
  expect(text).toMatch(/limits +median error 18%, 9 of 10 within 44%, bands held 77%/)
})

test('a window whose value is not known says why, and is no empty bar', async () => {
  const view = recordedView('accounts', (data, as) => {
    if (as !== 'accounts') return answered(data)
    const said = data as { windows: object[] }
    const [first, ...rest] = said.windows
    return answered({ ...said, windows: [{ ...first, used_pct: null, unknown_because: 'window_ended' }, ...rest] })
  })
  expect(await renderScreen(screen, { size: LARGE, view })).toContain('? window ended')
})

test('which account to go on with comes with the command and its reasons', async () => {
  const view = recordedView('accounts', null, { options: { part: 'advice' } })
  const text = await renderScreen(screen, { size: SMALL, view })
  expect(text).toContain('anthropic: spare@example.org 78% free')
  expect(text).toContain('on atlas: caam activate claude spare@example.org')
})

test('the provider of the filter bar narrows windows and advice', () => {
  const filter = { machine: null, repo: null, provider: 'openai', hours: 24, text: '' }
  const model = accounts.model(recordedView('accounts', null, { filter }))
  expect(new Set(model.windows.map(({ window }) => window.provider))).toEqual(new Set(['openai']))
  expect(model.recommendations.map(({ provider }) => provider)).toEqual(['openai'])
})
