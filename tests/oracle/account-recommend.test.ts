import { describe, expect, test } from 'vitest'
import { recommendAccount } from '../../src/oracle/account-recommend.ts'
import { accountStanding, accountsLine, type ProfileNow } from '../../src/oracle/account-standing.ts'
import { type WindowSeen, windowStandings } from '../../src/oracle/account-window.ts'

const AT = Date.parse('2026-11-20T22:00:00Z')
const ago = (minutes: number): string => new Date(AT - minutes * 60_000).toISOString()

const window = (account: string, used_pct: number | null, over: Partial<WindowSeen> = {}): WindowSeen => ({
  machine_id: 'atlas', provider: 'anthropic', account, account_label: account, limit_id: 'claude', window_name: '5h',
  used_pct, resets_at: ago(-120), observed_at: ago(3), observed_source: 'caut.oauth', source_rank: 30, plan: null,
  credits: null, status: null, attributed_by: null, ...over,
}) // biome-ignore format: a table of values

const profile = (name: string, over: Partial<ProfileNow> = {}): ProfileNow => ({
  machine_id: 'atlas',
  tool: 'claude',
  profile_name: name,
  active: false,
  health: 'healthy',
  cooldownUntil: null,
  error: null,
  ...over,
})

const account = (name: string, seen: readonly WindowSeen[], profiles: readonly ProfileNow[] = [profile(name)]) =>
  accountStanding(
    { provider: 'anthropic', account: name, label: name, keys: [name], plan: null, profiles, windows: windowStandings(seen, AT) },
    AT,
  ) // biome-ignore format: one value

describe('which account next', () => {
  test('the one whose fullest window leaves most; a weekly one can decide with 5h at 1 %', () => {
    const full = account('a', [window('a', 1), window('a', 96, { window_name: '7d' })])
    const said = recommendAccount([full, account('b', [window('b', 60)])], AT)
    expect(said).toMatchObject({
      is: 'use',
      best: { headroomPct: 40, command: { machine: 'atlas', command: 'caam activate claude b' } },
      others: [{ headroomPct: 4, usable: true }],
    })
  })

  test('nobody is guessed: what was seen 31 minutes ago is no fresh observation', () => {
    const said = recommendAccount([account('a', [window('a', 10, { observed_at: ago(31) })]), account('b', [])], AT)
    expect(said).toMatchObject({ is: 'none', why: 'no fresh observation' })
    expect(recommendAccount([], AT)).toMatchObject({ is: 'none', why: 'no account is known' })
  })

  test('an account whose windows have all reset since its last use counts as free', () => {
    const said = recommendAccount([account('a', [window('a', 99, { observed_at: ago(400), resets_at: ago(200) })])], AT)
    expect(said).toMatchObject({ is: 'use', best: { headroomPct: 100 } })
  })

  test('full, refused and cooling accounts are not recommended', () => {
    const full = account('a', [window('a', 100)])
    const refused = account('b', [window('b', 70, { status: 'rejected' })])
    const cooling = account('c', [window('c', 5)], [profile('c', { cooldownUntil: ago(-60) })])
    const said = recommendAccount([full, refused, cooling], AT)
    expect(said.is).toBe('none')
    expect(said.others.every((one) => !one.usable)).toBe(true)
  })

  test('no command is printed that would not work', () => {
    const whyOf = (profiles: readonly ProfileNow[]) => {
      const said = recommendAccount([account('a', [window('a', 5)], profiles)], AT)
      return said.is === 'use' ? [said.best.command, said.best.whyNoCommand] : null
    }
    expect(whyOf([])?.[1]).toMatch(/keeps no login/)
    expect(whyOf([profile('a', { active: true })])).toEqual([null, 'in use already on atlas'])
    expect(whyOf([profile('a', { error: 'unauthorized: token expired or invalid' })])?.[1]).toMatch(/token expired/)
    expect(whyOf([profile('a; rm -rf ~')])?.[0]).toBeNull()
    expect(whyOf([profile('--auto')])?.[0]).toBeNull()
  })

  test('what nobody can be given a login for is never recommended', () => {
    expect(recommendAccount([account('unknown@atlas', [window('unknown@atlas', 1)])], AT).is).toBe('none')
  })
})

test('the line of the fleet screen names who is near, with the age, and is silent otherwise', () => {
  expect(accountsLine([account('a', [window('a', 79)])], AT)).toBeNull()
  expect(accountsLine([account('a', [window('a', 91)]), account('b', [window('b', 3)])], AT)).toBe(
    '1 near limit: a 5h 91 % (3 min ago)',
  )
})
