import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accountIdentities } from '../../src/oracle/account-identity.ts'
import { loginAt, loginMarks } from '../../src/oracle/account-login.ts'
import { type WindowSeen, windowStanding, windowStandings } from '../../src/oracle/account-window.ts'

const AT = Date.parse('2026-11-20T22:00:00Z')
const ago = (minutes: number): string => new Date(AT - minutes * 60_000).toISOString()

const seen = (over: Partial<WindowSeen> = {}): WindowSeen => ({
  machine_id: 'atlas', provider: 'anthropic', account: 'acc-1', account_label: 'a@example.test', limit_id: 'claude',
  window_name: '5h', used_pct: 40, resets_at: ago(-120), observed_at: ago(3), observed_source: 'claude.cached_usage',
  source_rank: 20, plan: null, credits: null, status: null, attributed_by: null, ...over,
}) // biome-ignore format: a table of values
const caam = (over: Partial<WindowSeen>) => seen({ observed_source: 'caam.limits', source_rank: 40, ...over })

describe('a window that several sources speak of', () => {
  test('shows the more direct source where both looked together, and the newer one where not', () => {
    const together = windowStanding([seen({ observed_at: ago(3) }), caam({ used_pct: 42, observed_at: ago(1) })], AT)
    expect([together?.usedPct, together?.conflicts]).toEqual([40, []])
    const apart = windowStanding([seen({ observed_at: ago(12) }), caam({ used_pct: 42, observed_at: ago(1) })], AT)
    expect([apart?.usedPct, apart?.seen.length]).toEqual([42, 2])
  })

  test('tells points, resets and plans that differ, and averages nothing', () => {
    const other = caam({ used_pct: 70, resets_at: ago(-73), plan: 'pro', observed_at: ago(2) })
    const standing = windowStanding([seen({ plan: 'max' }), other], AT)
    expect(standing?.usedPct).toBe(40)
    expect(standing?.conflicts).toEqual([
      'claude.cached_usage and caam.limits differ by 47 min on the reset',
      'claude.cached_usage and caam.limits differ by 30 points',
      'claude.cached_usage says plan max, caam.limits says pro',
    ])
  })

  test('is unknown once it has ended, not 0 %', () => {
    const standing = windowStanding([seen({ resets_at: ago(1), used_pct: 97 })], AT)
    expect(standing).toMatchObject({ usedPct: null, resetsAt: null, unknownBecause: 'window_ended', stale: true })
  })

  test('does not believe one percent that arrives as one hundred', () => {
    const alone = windowStanding([caam({ used_pct: 100, status: 'suspect' })], AT)
    expect(alone).toMatchObject({ usedPct: null, unknownBecause: 'suspect' })
    const half = windowStanding([seen({ used_pct: 0.5 }), caam({ used_pct: 50, observed_at: ago(1) })], AT)
    expect(half?.usedPct).toBe(0.5)
  })

  test('keeps the last good value with its age when a newer look says nothing', () => {
    const standing = windowStanding([seen({ observed_at: ago(50) }), seen({ used_pct: null, observed_at: ago(1) })], AT)
    expect(standing).toMatchObject({ usedPct: 40, ageS: 3000, stale: true })
  })

  test('is one however many machines use the account, never a sum', () => {
    const two = windowStandings([seen(), seen({ machine_id: 'borg', used_pct: 45, observed_at: ago(1) })], AT)
    expect(two.map((one) => [one.usedPct, one.seen.length])).toEqual([[45, 2]])
  })

  test('what is shown was always said by somebody', () => {
    const word = fc.record({
      used_pct: fc.option(fc.double({ min: 0, max: 120, noNaN: true })),
      minutes: fc.integer({ min: 0, max: 600 }),
      reset: fc.integer({ min: -300, max: 300 }),
      direct: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (words) => {
        const all = words.map((one) =>
          (one.direct ? seen : caam)({
            used_pct: one.used_pct,
            observed_at: ago(one.minutes),
            resets_at: ago(one.reset),
          }),
        )
        const standing = windowStanding(all, AT)
        if (standing?.usedPct === null || standing === null) return
        expect(all.some((one) => one.used_pct === standing.usedPct && one.resets_at === standing.resetsAt)).toBe(true)
        expect(Date.parse(standing.resetsAt ?? '')).toBeGreaterThan(AT)
      }),
    )
  })
})

describe('identity', () => {
  const MAIL = 'a'.repeat(32)
  const fact = (alias: string, account_key: string) => ({ provider: 'openai', alias, account_key })

  test('joins a profile, its mail address and its id, and shows the id', () => {
    const ids = accountIdentities([fact(MAIL, 'acct-1'), fact('profile:work@atlas', MAIL)])
    expect(ids.keysOf('openai', 'profile:work@atlas')).toEqual(['acct-1', MAIL, 'profile:work@atlas'])
    expect(ids.canonical('anthropic', MAIL)).toBe(MAIL)
  })

  test('a mail address with two workspaces joins neither, nor does a profile that was logged in anew', () => {
    const mail = accountIdentities([fact(MAIL, 'acct-1'), fact(MAIL, 'acct-2')])
    expect(['acct-1', 'acct-2', MAIL].map((key) => mail.canonical('openai', key))).toEqual(['acct-1', 'acct-2', MAIL])
    const profile = accountIdentities([fact('profile:w@atlas', 'acct-1'), fact('profile:w@atlas', 'acct-2')])
    expect(profile.canonical('openai', 'acct-2')).toBe('acct-2')
  })

  test('nobody joins through the unknown account of a machine', () => {
    const ids = accountIdentities([fact('unknown@atlas', 'acct-1'), fact('unknown@atlas', 'acct-2')])
    expect(ids.canonical('openai', 'acct-2')).toBe('acct-2')
  })
})

test('a login stands until the next one; a refreshed token is no logout, a logout is', () => {
  const row = (minutes: number, profile: string, active: boolean, logged_in = true) => ({
    machine_id: 'atlas', provider: 'openai', profile_name: profile, account_key: profile, active, logged_in, gone: false, collected_at: ago(minutes),
  }) // biome-ignore format: one row
  const marks = loginMarks(
    [row(60, 'a', true), row(50, 'a', false), row(30, 'b', true), row(10, 'b', false, false)],
    [{ machine_id: 'atlas', provider: 'openai', profile_name: 'c', account_key: 'c', kind: 'activate', ts: ago(20) }],
  )
  const at = (minutes: number) => loginAt(marks, 'atlas', 'openai', AT - minutes * 60_000)?.account_key ?? null
  expect([70, 55, 45, 25, 15, 5].map(at)).toEqual([null, 'a', 'a', 'b', 'c', null])
  expect(loginAt(marks, 'borg', 'openai', AT)).toBeNull()
})
