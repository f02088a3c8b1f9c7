import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Advice, causeOf, rankAdvice } from '../../src/oracle/triage.ts'
import { adviceFromAgents } from '../../src/oracle/triage-agents.ts'
import { adviceFromAlerts, type FiringAlert, inHand } from '../../src/oracle/triage-alerts.ts'
import { adviceFromForecasts, type Foretold } from '../../src/oracle/triage-forecasts.ts'
import {
  adviceFromMail,
  adviceFromRetention,
  adviceFromSilence,
  adviceFromSources,
} from '../../src/oracle/triage-sources.ts'
import { adviceFromBeads, adviceFromRepos } from '../../src/oracle/triage-work.ts'
import { refusalOf } from '../commands/pasted.ts'

const AT = new Date('2026-11-20T12:00:00Z')
const SINCE = '2026-11-20T10:00:00.000Z'
const HOSTILE = "odd name'; rm -rf / #"

const alert = (rule: string, over: Partial<FiringAlert> = {}): FiringAlert => ({
  alert_id: `${rule}:atlas:x`, rule, machine_id: 'atlas', subject: 'x', severity: 'warning', title: `${rule} of x`, since: SINCE,
  acked_at: null, silenced_until: null, ...over,
}) // biome-ignore format: a row
const agent = (state: string) => ({
  agent_id: 'atlas/claude-7k2m', machine_id: 'atlas', cli: 'claude', cwd: '/src', state, reason: null, since: SINCE, rule: 'r', ended: null,
}) // biome-ignore format: a row
const foretold = (over: Partial<Foretold>): Foretold => ({
  kind: 'limit', machineId: 'fleet', subject: 'anthropic acc-1 - 5h', outlook: 'forecast', valueMinutes: 24, probability: 0.98, action: 'prepare_swap', confidence: 0.9,
  basis: { provider: 'anthropic', account: 'acc-1', window: '5h', used_pct: 91, resets_at: '2026-11-20T14:00:00.000Z' }, advice: {}, ...over,
}) // biome-ignore format: a row
const bead = (issue_id: string, over: object = {}) => ({
  machine_id: 'atlas', repo_id: 'r1', issue_id, title: 'Mend the gate', priority: 1, unblocks: 2, ...over,
}) // biome-ignore format: a row
const stuck = (repo_id: string, issue_id: string, blocked = 1) => ({ machine_id: 'atlas', repo_id, issue_id, blocked })
const mail = (oldest_ack_pending: string | null, over: object = {}) => ({
  machine_id: 'atlas', project_id: 'ledger', ack_overdue: 1, oldest_ack_pending, ...over,
}) // biome-ignore format: a row
const repo = (path: string, over: object = {}) => ({
  machine_id: 'atlas', path, name: path.split('/').at(-1) ?? null, dirty: true, ahead: 0, conflicted: 0, ...over,
}) // biome-ignore format: a row

const NONE: ReadonlySet<string> = new Set()
const ids = (all: readonly Advice[]): string[] => all.map(({ id }) => id)

test('one cause is one recommendation: the most urgent word of it leads, the others are named', () => {
  const all = [
    ...adviceFromAlerts(
      [alert('agent_waits', { subject: 'atlas/claude-7k2m', title: 'unanswered for 20 minutes' })],
      AT,
    ),
    ...adviceFromAgents([agent('needs_approval')]),
    ...adviceFromForecasts([foretold({ kind: 'stuck_silent', machineId: 'atlas', subject: 'atlas/claude-7k2m' })]),
  ]
  const ranked = rankAdvice(all, NONE)
  expect(ids(ranked)).toEqual(['agent:atlas/claude-7k2m:needs_approval'])
  expect(ranked[0]?.description).toContain('also: unanswered for 20 minutes; atlas/claude-7k2m may get stuck: silent')
})

test('two windows of an account and an alert about it are one', () => {
  const all = [
    ...adviceFromForecasts([foretold({}), foretold({ subject: 'anthropic acc-1 - 7d', action: 'slow_down' })]),
    ...adviceFromAlerts(
      [alert('account_near_limit', { machine_id: null, subject: 'anthropic acc-1  5h', severity: 'critical' })],
      AT,
    ),
  ]
  expect(ids(rankAdvice(all, NONE))).toEqual(['account_near_limit:atlas:x'])
})

test('a machine that cannot be reached is one recommendation, not one per thing on it', () => {
  const all = [
    ...adviceFromAlerts([alert('machine_unreachable', { severity: 'critical' }), alert('disk_low')], AT),
    ...adviceFromSources([{ machineId: 'atlas', source: 'git', why: 'timeout', consecutiveFailures: 9 }]),
    ...adviceFromSources([{ machineId: 'borg', source: 'git', why: 'timeout', consecutiveFailures: 2 }]),
  ]
  expect(ids(rankAdvice(all, new Set(['atlas'])))).toEqual(['machine_unreachable:atlas:x', 'source:borg:git'])
})

test('what is silenced or has another cause is not asked for; what is acknowledged stands last', () => {
  const later = '2026-11-20T13:00:00.000Z'
  const said = adviceFromAlerts(
    [
      alert('load_high', { silenced_until: later }),
      alert('swap_rising', { suppressed_by: 'machine_unreachable:atlas:transport' }),
      alert('oom_kills', { alert_id: 'acked', severity: 'critical', acked_at: SINCE }),
      alert('clock_skew', { alert_id: 'open', severity: 'info', silenced_until: SINCE }),
      alert('clock_skew', { alert_id: 'loud', severity: 'critical' }),
    ],
    AT,
  )
  expect(said.toSorted((a, b) => a.rank - b.rank).map(({ id }) => id)).toEqual(['loud', 'acked', 'open'])
})

test('what is as urgent stands in the order of the list of alerts: the longest first', () => {
  const all = adviceFromAlerts(
    [alert('disk_low', { since: SINCE }), alert('load_high', { since: '2026-11-20T09:00:00.000Z' })],
    AT,
  )
  expect(ids(rankAdvice(all, NONE))).toEqual(['load_high:atlas:x', 'disk_low:atlas:x'])
})

test('what somebody silenced or has in hand is not asked for again by another source; another trouble is', () => {
  const later = '2026-11-20T13:00:00.000Z'
  const taken = inHand(
    [
      alert('collector_red', { subject: 'git', acked_at: SINCE }),
      alert('agent_waits', { subject: 'atlas/claude-7k2m', silenced_until: later }),
      alert('transcripts_deleted', { subject: 'claude', silenced_until: later }),
      alert('disk_low', { subject: '/data' }),
      alert('mail_overdue', { subject: 'mail' }),
    ],
    AT,
  )
  expect(taken.has(adviceFromMail([mail(SINCE)])[0]?.id ?? '')).toBe(true)
  const [waits, failed] = [agent('needs_approval'), agent('failed')].map((one) => adviceFromAgents([one])[0]?.id ?? '')
  const [red] = adviceFromSources([{ machineId: 'atlas', source: 'git', why: 'timeout', consecutiveFailures: 9 }])
  const [kept] = adviceFromRetention([{ machineId: 'atlas', message: 'Claude Code on atlas deletes', fix: 'keep' }])
  expect([waits, red?.id, kept?.id].filter((id) => !taken.has(id ?? ''))).toEqual([])
  expect(taken.has(failed ?? '')).toBe(false)
  expect(taken.has('disk_full:atlas:/data')).toBe(false)
})

test('of a window that ended nothing is said, however long nobody looked', () => {
  const full = (resets_at: string) => alert('account_near_limit', { evidence_json: JSON.stringify({ resets_at }) })
  expect(adviceFromAlerts([full('2026-11-20T11:59:00.000Z')], AT)).toEqual([])
  expect(adviceFromAlerts([full('2026-11-20T12:01:00.000Z')], AT)).toHaveLength(1)
})

test('that nothing looks any more is said before all that may no longer be so', () => {
  expect([...adviceFromSilence(null, 30), ...adviceFromSilence(240, 30), ...adviceFromSilence(3_600, 3_600)]).toEqual(
    [],
  )
  const ranked = rankAdvice(
    [...adviceFromAlerts([alert('disk_low', { severity: 'critical' })], AT), ...adviceFromSilence(10_800, 30)],
    NONE,
  )
  expect(ranked[0]?.title).toBe('nothing has looked at any machine for 3 h; whatever follows is as old')
  expect(ids(ranked)).toEqual(['nothing_looked', 'disk_low:atlas:x'])
})

describe('forecasts', () => {
  test.each([
    ['prepare_swap', 'forecast', ['limit:anthropic acc-1 - 5h']],
    ['continue', 'forecast', []],
    ['swap_now', 'hit', ['limit:anthropic acc-1 - 5h']],
    ['swap_now', 'unknown', []],
  ] as const)('of a limit, advice %s, outlook %s', (action, outlook, expected) => {
    expect(ids(adviceFromForecasts([foretold({ action, outlook })]))).toEqual(expected)
  })

  test('accounts are called what people call them', () => {
    const basis = { ...foretold({}).basis, account: '00000000-0a', account_label: 'dev@example.org' }
    const alternatives = [{ accountKey: '00000000-0b', label: 'ops@example.org' }]
    const [said] = adviceFromForecasts([
      foretold({ action: 'swap_now', basis, advice: { action: 'swap_now', to: '00000000-0b', alternatives } }),
    ])
    expect(said?.title).toBe('anthropic dev@example.org uses up its 5h window in 24 min')
    expect(said?.description).toContain('advice swap_now to ops@example.org')
  })

  test('a disk that fills next week, or only perhaps, is not for now', () => {
    const disk = (over: Partial<Foretold>) =>
      foretold({ kind: 'disk_full', machineId: 'atlas', subject: '/data', ...over })
    expect(ids(adviceFromForecasts([disk({})]))).toEqual(['disk_full:atlas:/data'])
    expect(
      adviceFromForecasts([disk({ valueMinutes: 9000 }), disk({ probability: 0.3 }), disk({ outlook: 'steady' })]),
    ).toEqual([])
  })
})

test('one failure may be chance', () => {
  expect(adviceFromSources([{ machineId: 'a', source: 'git', why: 'timeout', consecutiveFailures: 1 }])).toEqual([])
})

test('mail: what is overdue, one per machine, from the project that waits longest', () => {
  const [said, ...more] = adviceFromMail([
    mail(SINCE, { project_id: 'late' }),
    mail('2026-11-20T09:00:00Z', { ack_overdue: 2 }),
    mail('2026-11-20T11:30:00Z', { ack_overdue: 0, project_id: 'fresh' }),
    mail(null, { machine_id: 'borg', ack_overdue: 0 }),
  ])
  expect(more).toEqual([])
  expect(said).toMatchObject({
    id: 'mail:atlas',
    title: '3 acknowledgements between agents on atlas are overdue',
    description: 'in ledger, late; the oldest was asked for at 2026-11-20T09:00:00Z',
  })
})

test('a dirty checkout is only worth a word where no agent works in it', () => {
  const living = [{ machine_id: 'atlas', cwd: '/home/dev/ledger/src' }]
  const said = adviceFromRepos(
    [
      repo('/home/dev/ledger'),
      repo('/home/dev/ledger-two'),
      repo('/clean', { dirty: false }),
      repo('/unknown', { dirty: null, ahead: null }),
    ],
    living,
  )
  expect(said.map(({ description }) => description)).toEqual(['1 not committed, 0 not pushed: ledger-two'])
})

test('a checkout in conflict is named first, and what to do with it', () => {
  const [said] = adviceFromRepos([repo('/a'), repo('/b', { ahead: 1 }), repo('/c', { conflicted: 2 })], [])
  expect(said).toMatchObject({
    title: '3 checkouts on atlas hold work that nobody is at, 1 of them in conflict',
    description: '1 in conflict, 3 not committed, 1 not pushed: c, a, b',
    action: 'settle the conflicts, commit or push what lies there',
  })
})

test('issues: those that could begin now; a project in which nothing can', () => {
  expect(ids(adviceFromBeads([bead('b-1')], [stuck('r2', 'b-4', 2)]))).toEqual(['beads-blocked:r2', 'bead:r1:b-1'])
  expect(adviceFromBeads([], [stuck('r2', 'b-4', 2)])[0]).toMatchObject({
    title: '2 issues are blocked and none is ready or in progress',
    description: 'in the project of b-4: nothing can begin until one of them is freed',
  })
})

const RULES = readdirSync(join(import.meta.dirname, '../../src/oracle/rules'))
  .map((file) => file.replace('.ts', '').replaceAll('-', '_'))
  .filter((name) => name !== 'index')

describe('every command can be pasted', () => {
  const everything = [
    ...adviceFromAlerts(
      RULES.flatMap((rule) => [alert(rule), alert(rule, { machine_id: null }), alert(rule, { subject: HOSTILE })]),
      AT,
    ),
    ...adviceFromAlerts([alert('disk_low'), alert('machine_unreachable'), alert('user:mine')], AT),
    ...['needs_approval', 'asked_question', 'failed', 'stalled', 'rate_limited'].flatMap((state) =>
      adviceFromAgents([agent(state)]),
    ),
    ...adviceFromForecasts([
      foretold({}),
      foretold({ kind: 'memory_full', machineId: 'atlas' }),
      foretold({ kind: 'stuck_silent' }),
    ]),
    ...adviceFromForecasts([foretold({ basis: { provider: HOSTILE, account: HOSTILE } })]),
    ...adviceFromSources([{ machineId: 'atlas', source: 'git', why: 'timeout', consecutiveFailures: 3 }]),
    ...adviceFromMail([mail(SINCE)]),
    ...adviceFromRetention([{ machineId: 'atlas', message: 'Claude Code deletes', fix: 'set it' }]),
    ...adviceFromRepos([repo('/a'), repo('/b', { dirty: false, ahead: 2 })], []),
    ...adviceFromBeads([bead('b-1', { repo_id: HOSTILE })], [stuck(HOSTILE, 'b-2')]),
  ]
  const commands = [...new Set(everything.map(({ command }) => command))]
  test.each(commands)('%s', async (command) => {
    expect(await refusalOf(command)).toBeNull()
  })
})

test('advice of different causes never meets', () => {
  expect(causeOf('a', 'b', 'c')).not.toBe(causeOf('a', 'b c'))
})

test('one of a thing is said as one', () => {
  const said = [
    ...adviceFromMail([mail(SINCE)]),
    ...adviceFromRepos([repo('/srv/code/app')], []),
    ...adviceFromBeads([], [stuck('r1', 'b-1')]),
  ]
  expect(said.map(({ title }) => title)).toEqual([
    '1 acknowledgement between agents on atlas is overdue',
    '1 checkout on atlas holds work that nobody is at',
    '1 issue is blocked and none is ready or in progress',
  ])
})
