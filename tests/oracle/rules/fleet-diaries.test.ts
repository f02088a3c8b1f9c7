import { expect, test } from 'vitest'
import type { AccountSignal, FleetSignals } from '../../../src/oracle/alert-signals.ts'
import { accountNearLimit } from '../../../src/oracle/rules/account-near-limit.ts'
import { budget } from '../../../src/oracle/rules/budget.ts'
import { limitBeforeReset } from '../../../src/oracle/rules/limit-before-reset.ts'
import { ownCost } from '../../../src/oracle/rules/own-cost.ts'
import { unpricedModel } from '../../../src/oracle/rules/unpriced-model.ts'
import { fleetSignals } from '../alert-pictures.ts'
import { diary } from './diary.ts'

const account = (over: Partial<AccountSignal>): FleetSignals =>
  fleetSignals({
    accounts: [
      { provider: 'anthropic', account: 'a1', label: 'ann@example.net', window: '5h', limitId: '', usedPct: 10, stale: false, resetsAt: null, forecast: null, ...over },
    ],
  }) // biome-ignore format: one account

const SUBJECT = 'anthropic a1  5h'
const UNREAD = fleetSignals({ accounts: null, budgets: null, unpriced: null })

test('an account: 80 %, critical from 95 %; unknown, stale or ended says nothing', () => {
  expect(
    diary(accountNearLimit, [
      ['0m', account({ usedPct: 79 })],
      ['5m', account({ usedPct: 80 })],
      ['6m', account({ usedPct: 96 })],
      ['7m', account({ usedPct: 78 })],
      ['8m', account({ usedPct: 2 })],
    ]),
  ).toEqual([
    'nothing',
    `firing warning ${SUBJECT}`,
    `firing critical ${SUBJECT}`,
    `firing warning ${SUBJECT}`,
    `resolved warning ${SUBJECT}`,
  ])
  expect(
    diary(accountNearLimit, [
      ['0m', account({ usedPct: null })],
      ['1m', account({ usedPct: 99, stale: true })],
    ]),
  ).toEqual(['nothing', 'nothing'])
})

const forecast = (probability: number | null, minutesToLimit: number | null, minutesToReset: number | null) =>
  account({
    forecast: { outlook: 'forecast', minutesToLimit, minutesToReset, probability, interval: null, confidence: 0.8 },
  })

test('a forecast: likely before the reset for a minute; where the reset comes first, or is not known, it is silent', () => {
  expect(
    diary(limitBeforeReset, [
      ['0m', forecast(0.7, 30, 90)],
      ['2m', forecast(0.5, 40, 90)],
      ['3m', forecast(0.3, 80, 90)],
      ['6m', forecast(0.3, 80, 90)],
    ]),
  ).toEqual([`pending warning ${SUBJECT}`, `firing warning ${SUBJECT}`, `firing warning ${SUBJECT}`, 'nothing'])
  expect(
    diary(limitBeforeReset, [
      ['0m', forecast(0.9, 100, 90)],
      ['5m', forecast(null, 30, null)],
      ['9m', account({})],
    ]),
  ).toEqual(['nothing', 'nothing', 'nothing'])
})

test('a limit in sight of an account that nobody sees any more is not over, until its window is', () => {
  const unseen = { stale: true, resetsAt: '1970-01-01T00:00:01.000Z' }
  const later = { ...account(unseen), nowMs: 2_000 }
  expect(
    diary(limitBeforeReset, [
      ['0m', forecast(0.9, 30, 90)],
      ['2m', forecast(0.9, 30, 90)],
      ['3m', account(unseen)],
      ['9m', later],
      ['12m', later],
    ]),
  ).toEqual([...['pending', 'firing', 'firing', 'firing'].map((status) => `${status} warning ${SUBJECT}`), 'nothing'])
  expect(limitBeforeReset.judge(account(unseen), () => true)?.[0]?.title).toBe(
    'anthropic ann@example.net was about to use up its 5h window when it was last seen',
  )
  expect(limitBeforeReset.judge(account(unseen), () => false)).toEqual([])
  expect(limitBeforeReset.judge(forecast(0.9, 0.5, 90), () => false)?.[0]?.title).toBe(
    'anthropic ann@example.net is about to use up its 5h window, 89 min before the reset',
  )
})

const spent = (usd: number) =>
  fleetSignals({ budgets: [{ period: 'day', limitMicrousd: 10e6, spentMicrousd: usd * 1e6, unpricedTokens: 0 }] })

test('a budget: at 80 and at 100 %', () => {
  expect(
    diary(budget, [
      ['0m', spent(7.9)],
      ['5m', spent(8)],
      ['11m', spent(10)],
      ['12m', spent(0)],
    ]),
  ).toEqual(['nothing', 'firing warning day', 'firing critical day', 'resolved critical day'])
})

test('a budget of nothing stands until the first cent is spent', () => {
  const nothing = (usd: number) =>
    fleetSignals({ budgets: [{ period: 'day', limitMicrousd: 0, spentMicrousd: usd * 1e6, unpricedTokens: 0 }] })
  expect(
    diary(budget, [
      ['0m', nothing(0)],
      ['5m', nothing(0.01)],
    ]),
  ).toEqual(['nothing', 'firing critical day'])
})

test('tokens without a price are said by model', () => {
  expect(
    diary(unpricedModel, [
      ['0m', fleetSignals({ unpriced: [{ provider: 'x', model: null, tokens: 5 }] })],
      ['1m', fleetSignals()],
    ]),
  ).toEqual(['firing info x/unknown', 'resolved info x/unknown'])
})

test("vc's own cost: processor and memory, each for five minutes", () => {
  const own = (cpuPct: number | null, rssBytes: number) => fleetSignals({ self: { cpuPct, rssBytes, minutes: 10 } })
  expect(
    diary(ownCost, [
      ['0m', own(30, 2e9)],
      ['4m', own(30, 2e9)],
      ['6m', own(30, 2e9)],
      ['7m', own(null, 1)],
      ['9m', own(null, 1)],
    ]),
  ).toEqual([
    'pending warning cpu; pending warning memory',
    'pending warning cpu; pending warning memory',
    'firing warning cpu; firing warning memory',
    'firing warning cpu; firing warning memory',
    'nothing',
  ])
})

test('before anything was read nothing is claimed, and what stood before a restart stays', () => {
  for (const rule of [accountNearLimit, limitBeforeReset, budget, unpricedModel, ownCost])
    expect(diary(rule, [['0m', UNREAD]])).toEqual(['nothing'])
  expect(
    diary(budget, [
      ['0m', spent(9)],
      ['5m', UNREAD],
      ['60m', UNREAD],
    ]),
  ).toEqual(['firing warning day', 'firing warning day', 'firing warning day'])
})
