import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AccountObservation,
  claudeCachedUsage,
  claudeQuotaLimit,
  claudeRateLimitEvent,
  claudeStatusLine,
  codexRateLimits,
  parseInstant,
  SOURCE_RANK,
} from '../../../src/collectors/accounts/index.ts'

const ctx = { machineId: 'atlas' }
const at = new Date('2026-11-20T22:00:00Z')
const sample = (name: string): string => readFileSync(`tests/fixtures/accounts/${name}`, 'utf8')
const lines = (name: string) =>
  sample(name)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
const brief = (rows: readonly AccountObservation[]) =>
  rows.map((row) => [row.limit_id, row.window_name, row.used_pct, row.resets_at?.toISOString() ?? null, row.status])

describe('Codex rate_limits', () => {
  const variant = (n: number) => {
    const line = lines('codex.token_count.variants.jsonl')[n]
    return codexRateLimits(line.payload, line.timestamp, ctx)
  }

  test('the recorded line gives both windows, plan unknown, credits as said, dated by the line', () => {
    const [line] = lines('codex.token_count.recorded_0_169_0.jsonl')
    const rows = codexRateLimits(line.payload, line.timestamp, ctx)
    expect(brief(rows)).toEqual([
      ['codex', '5h', 37.5, '2026-11-21T00:00:00.000Z', null],
      ['codex', '7d', 62, '2026-11-25T09:46:40.000Z', null],
    ])
    expect(rows[0]).toMatchObject({
      provider: 'openai',
      account_key: 'unknown@atlas',
      plan: null,
      credits: '12.50',
      observed_at: new Date(line.timestamp),
      observed_source: 'codex.rollout',
      source_rank: SOURCE_RANK['codex.rollout'],
    })
  })

  test('old lines count their reset from the line, and 299 minutes are still the 5 h window', () => {
    expect(brief(variant(0))).toEqual([
      ['codex', '5h', 12, '2025-10-01T12:31:40.000Z', null],
      ['codex', '7d', 44, '2025-10-04T21:40:00.000Z', null],
    ])
  })

  test('null limits are unknown: no row at all', () => expect(variant(2)).toEqual([]))

  test('a weekly window alone in slot one is weekly', () => {
    expect(brief(variant(3))).toEqual([['codex', '7d', 18, '2026-11-25T09:46:40.000Z', null]])
    expect(variant(3)[0]?.plan).toBe('plus')
  })

  test('another bucket is another series', () => {
    expect(brief(variant(4)).map(([bucket, window]) => [bucket, window])).toEqual([
      ['codex_other_model', '5h'],
      ['codex_other_model', '7d'],
    ])
  })

  test('"reached" marks the full window only', () => {
    expect(brief(variant(5)).map((row) => row[4])).toEqual(['rate_limit_reached', null])
  })

  test('a window without length is called unknown', () => {
    expect(brief(variant(6))[0]).toEqual(['codex', 'unknown', 55, null, null])
  })

  test('two windows of one name do not overwrite each other', () => {
    const rate_limits = { primary: { used_percent: 1 }, secondary: { used_percent: 2 } }
    const keys = codexRateLimits({ rate_limits }, at, ctx).map((row) => `${row.limit_id}|${row.window_name}`)
    expect(keys).toEqual(['codex|unknown', 'codex:secondary|unknown'])
  })
})

describe('Claude', () => {
  test('the cached utilization prefers limits[], by kind, with account, age and label', () => {
    const json = { ...JSON.parse(sample('claude.dot_claude_json.cachedUsageUtilization.json')) }
    json.oauthAccount = { accountUuid: json.cachedUsageUtilization.accountUuid, emailAddress: 'dev@example.org' }
    const rows = claudeCachedUsage(json, ctx)
    expect(brief(rows)).toEqual([
      ['claude', '5h', 63, '2026-11-20T23:00:00.000Z', 'normal'],
      ['claude', '7d', 41, '2026-11-24T09:00:00.000Z', 'normal'],
      ['claude', '7d:example-model', 12, '2026-11-24T09:00:00.000Z', 'normal'],
    ])
    expect(rows[0]).toMatchObject({
      account_key: '00000000-0000-4000-8000-00000000000a',
      account_label: 'dev@example.org',
      observed_at: new Date(1795211251118),
    })
  })

  test('older files have one object per window; null ones are left out, a stated 0 stays 0', () => {
    const json = JSON.parse(sample('claude.dot_claude_json.cachedUsageUtilization.json'))
    json.cachedUsageUtilization.utilization.limits = undefined
    expect(brief(claudeCachedUsage(json, ctx)).map((row) => row.slice(0, 3))).toEqual([
      ['claude', '5h', 63],
      ['claude', '7d', 41],
      ['claude', '7d:sonnet', 0],
    ])
  })

  test('a cache of another account does not carry the label of the one logged in now', () => {
    const json = JSON.parse(sample('claude.dot_claude_json.cachedUsageUtilization.json'))
    json.oauthAccount = { accountUuid: 'someone-else', emailAddress: 'else@example.org' }
    expect(claudeCachedUsage(json, ctx)[0]).toMatchObject({
      account_key: '00000000-0000-4000-8000-00000000000a',
      account_label: null,
    })
  })

  test('without an account id the key is a hash of the address, without either it names the machine', () => {
    const json = JSON.parse(sample('claude.dot_claude_json.cachedUsageUtilization.json'))
    json.cachedUsageUtilization.accountUuid = undefined
    expect(claudeCachedUsage(json, ctx)[0]?.account_key).toBe('unknown@atlas')
    json.oauthAccount = { emailAddress: 'Dev@Example.org ' }
    const key = claudeCachedUsage(json, ctx)[0]?.account_key
    expect(key).toMatch(/^[0-9a-f]{32}$/)
    json.oauthAccount = { emailAddress: 'dev@example.org' }
    expect(claudeCachedUsage(json, ctx)[0]?.account_key).toBe(key)
  })

  test('the status line says 0-100 and seconds; what it leaves out is not there', () => {
    const seen = (name: string) => brief(claudeStatusLine(JSON.parse(sample(name)), at, ctx)).map((r) => r.slice(1, 4))
    expect(seen('claude.statusline_input.json')).toEqual([
      ['5h', 63, '2026-11-20T23:00:00.000Z'],
      ['7d', 41, '2026-11-24T10:00:00.000Z'],
    ])
    expect(seen('claude.statusline_input.only_weekly.json')).toEqual([['7d', 41, '2026-11-24T10:00:00.000Z']])
    expect(seen('claude.statusline_input.absent.json')).toEqual([])
  })

  test('rate_limit_event says fractions, and more than 100 % stays more than 100 %', () => {
    const events = lines('claude.rate_limit_event.jsonl').map((event) => brief(claudeRateLimitEvent(event, at, ctx)))
    expect(events).toEqual([
      [
        ['claude', '5h', 63, '2026-11-20T23:00:00.000Z', 'allowed'],
        ['claude', '7d', 41, '2026-11-24T10:00:00.000Z', 'allowed'],
      ],
      [['claude', '7d', 91, '2026-11-24T10:00:00.000Z', 'allowed_warning']],
      [['claude', '5h', 102, '2026-11-20T23:00:00.000Z', 'rejected']],
      [],
    ])
  })

  test('a limit hit in a transcript is an event with its reset time, not a percentage', () => {
    const record = {
      timestamp: '2026-11-20T21:50:14.000Z',
      quotaLimits: { status: 'rejected', resetsAt: 1795218614, rateLimitType: 'five_hour' },
    }
    expect(brief(claudeQuotaLimit(record, ctx))).toEqual([
      ['claude', '5h', null, '2026-11-20T23:50:14.000Z', 'rejected'],
    ])
    expect(claudeQuotaLimit({ ...record, timestamp: 'yesterday' }, ctx)).toEqual([])
  })
})

describe('times', () => {
  test.each([
    [1795215600, '2026-11-20T23:00:00.000Z'],
    [1795215600000, '2026-11-20T23:00:00.000Z'],
    ['1795215600', '2026-11-20T23:00:00.000Z'],
    ['2026-11-20T23:00:00.000000+00:00', '2026-11-20T23:00:00.000Z'],
    ['2026-11-20T23:00:00', '2026-11-20T23:00:00.000Z'],
    ['2026-11-20 23:00:00+0200', '2026-11-20T21:00:00.000Z'],
    ['2026-11-20', '2026-11-20T00:00:00.000Z'],
  ])('%j is %s', (value, expected) => expect(parseInstant(value)?.toISOString()).toBe(expected))

  test.each([
    '0001-01-01T00:00:00Z',
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e30,
    '',
    'soon',
    null,
    undefined,
    {},
    true,
  ])('%j is no time', (value) => expect(parseInstant(value)).toBeNull())
})

test('no input of any shape makes a converter throw or invent', () => {
  const window = fc.record({ used_percent: fc.anything(), window_minutes: fc.anything(), resets_at: fc.anything() })
  const input = fc.oneof(
    fc.anything(),
    fc.record({ rate_limits: fc.record({ primary: window, secondary: window, limit_id: fc.anything() }) }),
    fc.record({ rate_limit_info: fc.dictionary(fc.string(), fc.anything()), timestamp: fc.anything() }),
    fc.record({
      cachedUsageUtilization: fc.record({
        fetchedAtMs: fc.oneof(fc.constant(1795211251118), fc.anything()),
        utilization: fc.dictionary(fc.string(), fc.anything()),
      }),
    }),
  )
  fc.assert(
    fc.property(input, (value) => {
      const rows = [
        ...codexRateLimits(value, at, ctx),
        ...claudeCachedUsage(value, ctx),
        ...claudeStatusLine(value, at, ctx),
        ...claudeRateLimitEvent(value, at, ctx),
        ...claudeQuotaLimit(value, ctx),
      ]
      for (const row of rows) {
        expect(row.used_pct === null || Number.isFinite(row.used_pct)).toBe(true)
        expect(Number.isNaN(row.observed_at.getTime())).toBe(false)
        expect(row.account_key).not.toBe('')
      }
    }),
  )
})
