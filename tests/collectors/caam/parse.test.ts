import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseHistory } from '../../../src/collectors/caam/history.ts'
import { identityOf } from '../../../src/collectors/caam/identities.ts'
import { parseLimits } from '../../../src/collectors/caam/limits.ts'
import { parseList, parseRobotStatus, profileRows } from '../../../src/collectors/caam/profiles.ts'

const fixture = (name: string): string => readFileSync(`tests/fixtures/caam/${name}`, 'utf8')
const limits = (name: string) => {
  const read = parseLimits(fixture(name), 'atlas', {})
  if (read === null) throw new Error(`${name} is no list of limits`)
  return read
}

describe('caam limits', () => {
  test('utilization is a share of one; Go zero times are no reset', () => {
    const rows = limits('limits.ok.json').rows.map((row) => [row.profile_name, row.window_name, row.utilization_pct])
    expect(rows.slice(0, 4)).toEqual([
      ['ops-a@example.test', '5h', 29],
      ['ops-a@example.test', '7d', 41],
      ['ops-c@example.test', '5h', 88],
      ['ops-c@example.test', '7d', 63],
    ])
    const weekly = limits('limits.ok.json').rows[3]
    expect(weekly?.resets_at).toBeNull()
  })

  test('one percent that arrives as one hundred is suspect', () => {
    const seen = limits('limits.one_percent_trap.json').observations
    // the week's half percent arrives as 50: only a neighbour can tell, which is not known here
    expect(seen.map((one) => [one.window_name, one.used_pct, one.status])).toEqual([
      ['5h', 100, 'suspect'],
      ['7d', 50, 'ok'],
    ])
  })

  test('a profile that cannot be asked leaves its error and no number', () => {
    const read = limits('limits.all_errors.json')
    expect(read.observations).toEqual([])
    expect(read.rows.map((row) => [row.window_name, row.status, row.utilization_pct])).toEqual([
      ['none', 'error', null],
      ['none', 'error', null],
    ])
  })

  test('no profile is an empty list; anything else is no list', () => {
    expect(limits('limits.empty.json').rows).toEqual([])
    for (const text of ['', '{}', '[1]', '[{}]', '{"providers":[]}', fixture('robot_error.json')])
      expect(parseLimits(text, 'atlas', {})).toBeNull()
    expect(limits('limits.unknown_fields.json').unknown).toBe(1)
  })

  test('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void parseLimits(text, 'atlas', {})))
  })
})

describe('caam profiles', () => {
  const seen = { machineId: 'atlas', startedAt: new Date('2026-11-20T21:48:02Z'), before: {}, expiries: new Map() }
  const status = () => {
    const data = parseRobotStatus(fixture('robot_status.compact.json'))
    if (typeof data === 'string') throw new Error(data)
    return data
  }

  test('are one row each, with a derived health and their cool-down', () => {
    const { rows, version, known } = profileRows(status(), { ...seen, list: parseList(fixture('ls.ok.json')) })
    expect(version).toBe('v0.1.9')
    expect(rows).toMatchObject([
      { provider: 'anthropic', profile_name: 'ops-a@example.test', active: true, health_score: 1, plan: 'max', logged_in: true },
      { profile_name: 'ops-c@example.test', active: false, error_count: 1, cooldown_until: new Date('2026-11-20T23:00:00Z') },
    ]) // biome-ignore format: a table
    expect(rows[0]?.health_expires_at).toEqual(new Date('2026-11-21T05:40:00Z'))
    expect(known.map((one) => one.email)).toEqual(['ops-a@example.test', 'ops-c@example.test'])
  })

  test('an error of caam is its own words', () => {
    expect(parseRobotStatus(fixture('robot_error.json'))).toBe('NO_PROFILES: no profiles found for claude')
    expect(parseRobotStatus('nonsense')).toMatch(/something else/)
  })

  test('an id told once is remembered while the address stays the same', () => {
    const first = identityOf('work', { account_id: 'acct-1', email: 'a@example.test' }, undefined)
    expect(identityOf('work', null, first)).toEqual(first)
    expect(identityOf('work', { email: 'b@example.test' }, first)).toMatchObject({ id: null, email: 'b@example.test' })
  })
})

test('the log goes on after its cursor, and from the start when the database was made anew', () => {
  const row = (id: number, kind: string, word: string) => ({
    kind, id, at: '2026-11-20 21:00:00', word, provider: 'claude', profile_name: 'ops-a@example.test', until: null,
  }) // biome-ignore format: one row
  const last = (activity: number, hits: number) => ({ kind: 'last', id: 0, profile_name: activity, until: hits })
  const seen = { machineId: 'atlas', identities: {} }
  const first = parseHistory([row(7, 'activity', 'activate'), row(2, 'limit', 'limit_hit'), last(7, 2)], { activity: 5, limits: 0 }, seen) // biome-ignore format: one call
  expect(first.events.map((event) => [event.kind, event.status])).toEqual([
    ['activate', 'activate'],
    ['limit_hit', 'hit'],
  ])
  expect(first.cursor).toEqual({ activity: 7, limits: 2 })
  expect(parseHistory([last(1, 0)], first.cursor, seen).cursor).toEqual({ activity: 0, limits: 0 })
})
