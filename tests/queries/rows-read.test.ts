// Of half a year a store holds tens of thousands of what ended: an answer reads what it tells, not all there ever was.
import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { readSwarmFacts } from '../../src/queries/dna-facts.ts'
import { sourceTurns } from '../../src/store/index.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'
import { asking, MANY, many, plan } from './asking.ts'

const agent = (id: string, ended: Date | null): Row => ({
  ...{ agent_id: id, machine_id: 'atlas', cli: 'claude', kind: 'observed', first_seen: at(0), ended },
})
const verdict = (id: string): Row => ({ agent_id: id, machine_id: 'atlas', state: 'idle', rule: 'r', judged_at: at(0) })
const alias = (id: string, name: string): Row => ({
  ...{ machine_id: 'atlas', agent_id: id, alias: `session:claude:${name}`, since: at(0) },
})

const withAgents = async () => {
  const store = await tempStore()
  const ended = many((i) => `atlas/claude-e${i.toString().padStart(3, '0')}`)
  const ids = [...ended, 'atlas/claude-live']
  await appendAll(
    store,
    runOf([
      { table: 'agents', rows: [...ended.map((id) => agent(id, at(1))), agent('atlas/claude-live', null)] },
      { table: 'latest_agent_states', rows: ids.map(verdict) },
      { table: 'agent_aliases', rows: ids.map((id) => alias(id, `s${id.slice(-4)}`)) },
    ]),
  )
  return asking(store)
}

test.each([{}, { at: '2s' }])(
  'an agent is found by a beginning or an alias among many that ended, %o',
  async (when) => {
    const ask = await withAgents()
    for (const id of ['atlas/claude-live', 'claude-li', 'liv', 'session:claude:slive', 'sli']) {
      const { data, most } = await ask('explain', { id, ...when })
      expect([id, data.agent, most]).toEqual([id, expect.objectContaining({ agent_id: 'atlas/claude-live' }), 1])
      expect(data).toMatchObject({ state: { state: 'idle' }, aliases: [{ alias: 'session:claude:slive' }] })
    }
    await expect(ask('explain', { id: 'e00', ...when })).rejects.toThrow("'e00' could be 10 agents")
    await expect(ask('explain', { id: 'claude-lvie', ...when })).rejects.toMatchObject({
      fix: expect.stringContaining('live'),
    })
  },
)

test('of the past, too, the verdicts of agents that lived then are read', async () => {
  const ask = await withAgents()
  const { data, most } = await ask('agents', { at: '2s' })
  expect([data.agents, most]).toEqual([[expect.objectContaining({ agent: 'atlas/claude-live', state: 'idle' })], 1])
})

test('an agent that is asked about by name is looked for, not searched among all', async () => {
  const ask = await withAgents()
  const { most, warnings } = await ask('audit', { agent: 'claude-li' })
  expect([most, warnings.filter((line) => line.startsWith('unknown_'))]).toEqual([1, []])
})

test('for a name that no agent bears the nearest and a few are read, and all are counted', async () => {
  const ask = await withAgents()
  const near = await ask('audit', { agent: 'Claude-e039x' })
  expect(near.warnings).toEqual([expect.stringContaining('did you mean claude-e039?')])
  const far = await ask('missions', { agent: 'nobody-at-all' })
  expect(far.warnings).toEqual([expect.stringMatching(/agents: atlas\/claude-e000, .*claude-e023 and 17 more/)])
  await expect(ask('explain', { id: 'nobody-at-all' })).rejects.toMatchObject({
    fix: expect.stringMatching(/^known: atlas\/claude-live, atlas\/claude-e000, .*claude-e022 and 17 more$/),
  })
  expect(Math.max(near.most, far.most)).toBeLessThan(MANY)
})

const alert = (id: string, more: Row = {}): Row => ({
  ...{ alert_id: `disk_low:${id}`, rule: 'disk_low', machine_id: 'atlas', subject: id, severity: 'warning', title: id },
  ...{ evidence_json: '{}', status: 'resolved', since: at(0), fired_at: at(0), resolved_at: at(1), ...more },
})

test('of alerts that ended so many are read as are told', async () => {
  const store = await tempStore()
  const firing = alert('now', { severity: 'critical', status: 'firing', resolved_at: null })
  const behind = alert('behind', { status: 'firing', resolved_at: null, suppressed_by: 'disk_low:now' })
  const ended = many((i) => alert(`e${i.toString().padStart(3, '0')}`))
  await appendAll(store, runOf([{ table: 'alerts', rows: [...ended, firing, behind] }]))
  const ask = asking(store)
  const told = { counts: { critical: 1, warning: 0, info: 0 }, alerts: [{ id: 'disk_low:now', suppresses: 1 }] }
  const { data, most } = await ask('alerts')
  expect([data, most]).toEqual([expect.objectContaining({ counts: told.counts, more: false }), 1])
  expect(data).toMatchObject(told)
  const all = await ask('alerts', { all: true, limit: 3 })
  expect([all.data, all.most]).toEqual([expect.objectContaining({ counts: told.counts, more: true }), 4])
  expect(all.data.alerts).toMatchObject([
    { id: 'disk_low:now' },
    { id: 'disk_low:behind', suppressed_by: 'disk_low:now' },
    { id: 'disk_low:e000' },
  ])
  expect(await ask('alerts', { alert: 'disk_low:e007' })).toMatchObject({ most: 1, data: { counts: told.counts } })
  await expect(ask('alerts', { alert: 'disk_low:e00' })).rejects.toMatchObject({
    ...{ message: "'disk_low:e00' fits 10 alerts", fix: expect.stringContaining('disk_low:e000, disk_low:e001') },
  })
})

const sent = (i: number): Row => ({
  ...{ database_path: '/srv/mail.db', message_id: String(i), project_id: i % 2 === 0 ? 'even' : 'odd', sender: 'Fox' },
  ...{ created_at: at(-i), importance: 'high', ack_required: true, subject: `about ${i}`, recipients: 1 },
})
const unread = (i: number): Row => ({
  ...{ database_path: '/srv/mail.db', message_id: String(i), message_created_at: at(-i), recipient: 'Owl' },
  ...{ project_id: i % 2 === 0 ? 'even' : 'odd', importance: 'high', ack_required: true, kind: 'to' },
})

test('of mail the messages that are told are read; the others are counted', async () => {
  const store = await tempStore()
  const batches = [
    { table: 'mail_messages', rows: many(sent) },
    { table: 'mail_recipients', rows: [...many(unread), { ...unread(0), recipient: 'Elk', retired_at: at(0) }] },
  ]
  await appendAll(store, runOf(batches, { machineId: 'atlas', collector: 'agent_mail' }))
  const { data, most } = await asking(store)('mail', { limit: 3, project: 'even' })
  const counts = { messages: 20, unread: 20, urgent_unread: 20, ack_pending: 20, ack_overdue: 0, reservations: 0 }
  expect([data.projects, most]).toEqual([
    [
      {
        ...{ machine: 'atlas', project: 'even', database: '/srv/mail.db', ...counts },
        oldest_ack_pending: at(-38).toISOString(),
      },
    ],
    4,
  ])
  expect(data.messages).toMatchObject([
    { message: '0', unread_by: ['Elk', 'Owl'], unacked_by: ['Elk', 'Owl'] },
    { message: '2', unread_by: ['Owl'] },
    { message: '4' },
  ])
})

const starts = (i: number, more: Row = {}): Row => ({
  ...{ bucket_start: new Date(at(0).getTime() - i * 3_600_000), bucket_end: at(0), agent: 'claude' },
  ...{ origin: 'local', origin_id: 'local', conversation_count: 2, message_count: 10, ...more },
})

test('starts of sessions are summed by day where they are stored', async () => {
  const store = await tempStore()
  const rows = [...many((i) => starts(i)), starts(0, { origin: 'remote', origin_id: 'borg' })]
  const unknown = starts(30, { agent: 'codex', message_count: null })
  await appendAll(
    store,
    runOf([{ table: 'session_timeline_buckets', rows: [...rows, unknown] }], { collector: 'cass' }),
  )
  const { data, most } = await asking(store)('content', { since: '2d' })
  const line = (day: string, agent: string, sessions: number, synced_sessions: number, messages: number | null) => ({
    ...{ bucket: `2026-01-${day}T00:00:00.000Z`, machine: 'atlas', agent, sessions, synced_sessions, messages },
  })
  expect([data.starts, most]).toEqual([
    [
      line('08', 'claude', 6, 0, 30),
      line('09', 'claude', 48, 0, 240),
      line('09', 'codex', 2, 0, null),
      line('10', 'claude', 26, 2, 130),
    ],
    4,
  ])
})

const project = (name: string, changed: number): Row => ({
  ...{ scope: name, project: name, repo_id: 'one', name, backend: 'bd', state: 'ok', source_changed_at: at(changed) },
})
const issue = (place: string, id: string, standing: string, more: Row = {}): Row => ({
  ...{ scope: place, project: place, repo_id: 'one', issue_id: id, title: id, standing },
  ...{ status: standing === 'done' ? 'closed' : 'open', priority: 1, ...more },
})

test('of issues those that are told are read; the others are counted, each once', async () => {
  const store = await tempStore()
  const done = (place: string) => many((i) => issue(place, `d${i}`, 'done', { closed_at: at(-i) }))
  const graph = { nodes: 2, edges: 1, cycles: 0, critical_path_json: '{}', longest_chain_json: '[]', cycles_json: '[]' }
  const ranks = JSON.stringify({ d1: 0.9, r2: 0.5, r1: 0.4 })
  const run = runOf(
    [
      { table: 'beads_projects', rows: [project('/srv/old', 0), project('/srv/new', 9)] },
      {
        table: 'beads_issues',
        rows: [
          ...[...done('/srv/old'), ...done('/srv/new'), issue('/srv/old', 'r1', 'ready', { title: 'as it was' })],
          ...[issue('/srv/new', 'r1', 'ready', { score: 0.2 }), issue('/srv/new', 'r2', 'ready', { score: 0.7 })],
          issue('/srv/new', 'h1', 'held'),
        ],
      },
      {
        table: 'beads_graph_metrics',
        rows: [{ scope: '/srv/new', project: '/srv/new', repo_id: 'one', pagerank_json: ranks, ...graph }],
      },
    ],
    { collector: 'beads' },
  )
  await appendAll(store, run)
  const ask = asking(store)
  const { data, most } = await ask('beads', { limit: 2 })
  expect(data.totals).toMatchObject({ projects: 1, issues: 43, ready: 2, held: 1, done: 40 })
  expect(data.ready).toMatchObject([{ id: 'r2' }, { id: 'r1', title: 'r1', project: '/srv/new' }])
  expect([data.done, data.parked]).toMatchObject([[{ id: 'd0' }, { id: 'd1' }], [{ id: 'h1', standing: 'held' }]])
  expect(data.projects).toMatchObject([
    { name: '/srv/new', counts: { issues: 43, ready: 2 }, by_status: { closed: 40, open: 3 }, central: ['r2', 'r1'] },
    { name: '/srv/old', counts: null, by_status: { closed: 40, open: 1 }, central: [] },
  ])
  const closed = await ask('beads', { status: 'closed', limit: 0 })
  expect([closed.data.totals, closed.data.done]).toMatchObject([{ issues: 40, done: 40 }, []])
  expect([most, closed.most]).toEqual([5, 2])
})

const machine: Row = {
  ...{ machine_id: 'atlas', ssh_target: 'local', tags_json: '[]', roles_json: '[]', enabled: true },
  ...{ allow_write_commands: false, allow_autopilot: false, status: 'online', consecutive_failures: 0 },
  ...{ first_seen_at: at(-9) },
}

const session = (id: string, activeS: number, cwd: string | null): Row => ({
  ...{ machine_id: 'atlas', cli: 'claude', session_id: id, is_subagent: false, cwd, last_activity_at: at(activeS) },
  ...{ source_gone: false, updated_at: at(activeS) },
})

test('of sessions those that are told are read, and the newest where none is', async () => {
  const store = await tempStore()
  await appendAll(store, runOf([{ table: 'agent_sessions', rows: many((i) => session(`s${i}`, -i, '/srv/code/a')) }]))
  const ask = asking(store)
  const { data, most } = await ask('sessions', { limit: 2, cli: 'claude' })
  expect([data, most]).toMatchObject([{ total: MANY, sessions: [{ session: 's0' }, { session: 's1' }] }, 2])
  const empty = await ask('sessions', { since: '1m' })
  expect([empty.data, empty.warnings[0], empty.most]).toEqual([
    { total: 0, sessions: [] },
    expect.stringContaining(`the newest was at ${at(0).toISOString()}`),
    1,
  ])
})

test('for an agent without a session those are read that could be its own', async () => {
  const store = await tempStore()
  const mute = { ...agent('atlas/claude-mute', null), cwd: '/srv/code/mute' }
  const elsewhere = many((i) => session(`s${i}`, 200 + i, i % 2 === 0 ? '/srv/code/a' : null))
  await appendAll(
    store,
    runOf([
      { table: 'machines', rows: [machine] },
      { table: 'agents', rows: [mute] },
      { table: 'latest_agent_states', rows: [{ ...verdict('atlas/claude-mute'), state: 'working', since: at(0) }] },
      { table: 'agent_sessions', rows: elsewhere },
    ]),
  )
  const ask = asking(store)
  const says = async () =>
    ((await ask('doctor')).data.findings as unknown as { says: string }[]).filter((one) =>
      one.says.includes('takes turns'),
    )
  expect(await says()).toHaveLength(1)
  expect((await ask('doctor')).most).toBeLessThan(MANY)
  await appendAll(store, runOf([{ table: 'agent_sessions', rows: [session('own', 300, '/srv/code/mute')] }]))
  expect(await says()).toEqual([])
})

test('issues count for the one agent that their tracker names, and for nobody where several bear the name', async () => {
  const store = await tempStore()
  const finished = (id: string, assignee: string): Row =>
    issue('/srv/new', id, 'done', { assignee, issue_type: 'bug', closed_at: at(500) })
  const named = (id: string, session_name: string): Row => ({ ...agent(id, null), session_name })
  const agents = [
    named('atlas/claude-aaaa', 'both'),
    named('atlas/claude-bbbb', 'both'),
    named('atlas/codex-cccc', 'one'),
  ]
  const issues = [finished('1', 'atlas/claude-aaaa'), finished('2', 'claude-bbbb'), finished('3', 'one')]
  await appendAll(store, runOf([{ table: 'agents', rows: agents }]))
  await appendAll(
    store,
    runOf([{ table: 'beads_issues', rows: [...issues, finished('4', 'both'), finished('5', 'nobody')] }], {
      collector: 'beads',
    }),
  )
  const { rows } = store.db
  const facts = await readSwarmFacts({ db: { rows }, now: at(600), plan })
  expect(facts.beads).toEqual([
    { agentId: 'atlas/claude-aaaa', type: 'bug' },
    { agentId: 'atlas/claude-bbbb', type: 'bug' },
    { agentId: 'atlas/codex-cccc', type: 'bug' },
  ])
})

test('how agents work is weighed without those that did nothing in the window', async () => {
  const ask = await withAgents()
  for (const topic of ['dna', 'patterns']) expect([topic, (await ask(topic)).most]).toEqual([topic, 0])
})

test('of runs those are told that ended otherwise than the one before', async () => {
  const store = await tempStore()
  const run = (atS: number, fault: 'timeout' | 'tool_missing' | null, collector = 'git') =>
    runOf([], { startedAt: at(atS), collector, up: fault === null, fault, detail: fault === null ? null : 'no answer' })
  await appendAll(store, ...many((i) => run(i, i === 10 || i === 11 ? 'timeout' : null)))
  await appendAll(store, run(3, 'tool_missing', 'caut'), ...many((i) => run(i, null, 'probe')))
  await appendAll(store, run(2, 'timeout', 'tmux'))
  const span = { since: at(0), until: at(30), limit: 9 }
  const turns = async (machines: ReadonlySet<string>) =>
    (await sourceTurns(store.db, { ...span, machines })).map((row) => [row.source, row.collected_at, row.fault])
  const failed = [
    ['tmux', at(2).toISOString(), 'timeout'],
    ['git', at(10).toISOString(), 'timeout'],
  ]
  expect(await turns(new Set(['atlas', 'borg']))).toEqual([...failed, ['git', at(12).toISOString(), null]])
  expect(await turns(new Set())).toEqual(failed)
  expect(await turns(new Set(['borg']))).toEqual([])
})

test('of checkouts so many are told as are asked for, with what is open for them and how many there are', async () => {
  const store = await tempStore()
  const named = (i: number): Row => ({ repo_id: `r${i}`, path: `/srv/code/${String(i).padStart(2, '0')}` })
  const repo = (i: number): Row => ({ ...named(i), name: `r${i}`, first_seen_at: at(0), last_seen_at: at(0) })
  const counts = (i: number): Row => ({ scope: `o/${i}`, repo_id: `r${i}`, repo: `o/${i}`, state: 'ok', open_prs: 2 })
  const item =
    (i: number) =>
    (number: number): Row => ({ ...counts(i), kind: 'pr', number, state: 'open', title: 'a' })
  const items = many((i) => [1, 2].map(item(i)))
    .flat()
    .map(({ open_prs: _, ...row }) => row)
  await appendAll(store, runOf([{ table: 'repos', rows: many(repo) }]))
  const github = [
    { table: 'github_repos', rows: many(counts) },
    { table: 'github_items', rows: items },
  ]
  await appendAll(store, runOf(github, { collector: 'gh' }))
  const { data, most } = await asking(store)('repos', { limit: 2 })
  expect(data).toMatchObject({ total: MANY, repos: [{ name: 'r0', open_prs: 2 }, { name: 'r1' }] })
  expect(data).toMatchObject({ github: [{ repo: 'o/0' }, { repo: 'o/0' }], github_total: 4 })
  expect(most).toBe(MANY)
  expect((await asking(store)('repos')).data).toMatchObject({ total: MANY, repos: { length: MANY } })
})

const mission = (seq: number, more: Row = {}): Row => ({
  ...{ mission_id: `m-${seq}`, seq, title: `m-${seq}`, mission_type: 'coding', lane: 'standard', priority: 'normal' },
  ...{ status: 'done', depends_on_json: '[]', lease_ms: 1, max_retries: 0, attempts: 1, attempts_allowed: 1 },
  ...{ created_at: at(0), created_by: 'me', finished_at: at(seq), ...more },
})

test('of missions that ended so many are read as are told', async () => {
  const store = await tempStore()
  const rows = [
    ...many((i) => mission(i)),
    mission(90, { status: 'failed', claimed_by: 'atlas/claude-aaaa', mission_type: 'review' }),
    mission(91, { status: 'failed', to_role: 'coder', finished_at: at(0) }),
    mission(92, { status: 'pending', finished_at: null }),
  ]
  await appendAll(store, runOf([{ table: 'missions', rows }]))
  const ask = asking(store)
  const told = async (params: Record<string, unknown>) => {
    const { data, most } = await ask('missions', params)
    return [(data.missions as unknown as { mission: string }[]).map((one) => one.mission), data.more, most]
  }
  expect(await told({ all: true, limit: 3 })).toEqual([['m-92', 'm-90', 'm-39'], true, 4])
  expect(await told({ standing: 'failed' })).toEqual([['m-90', 'm-91'], false, 2])
  expect(await told({ all: true, type: 'review' })).toEqual([['m-90'], false, 2])
  expect(await told({ standing: 'failed', role: 'coder' })).toEqual([['m-91'], false, 2])
})
