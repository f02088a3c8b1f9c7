import { describe, expect, test } from 'vitest'
import { roleOfSession } from '../../../src/collectors/gastown/names.ts'
import { parseRigPrefixes } from '../../../src/collectors/gastown/work.ts'
import type { ScriptAsk } from '../../../src/core/ask.ts'
import { fixture, look, nextCursors, oneTown, ownSocketPanes, panes, rowsOf, TOWN } from './towns.ts'

test('a town: its agents by role, hooks, queues and convoys', async () => {
  const known = {
    latest_pty_panes: panes('hq-mayor', 'gp-nux', 'gp-crew-max'),
    agent_aliases: [{ alias: 'pane:/tmp/tmux-1000/gt-a1b2c3:1800000000:%1', agent_id: 'atlas/claude-7k2m' }],
  }
  const warnings: string[] = []
  const result = await look(oneTown(), { known, warnings })
  expect([result.fault, result.partial]).toEqual([null, false])
  expect(rowsOf(result, 'gastown_towns')).toMatchObject([
    { town: TOWN, name: 'gt', daemon_running: true, dolt_port: 3307, rigs: 2, polecats: 2, active_hooks: 1 },
  ])
  expect(
    rowsOf(result, 'gastown_agents').map((row) => [row.address, row.role, row.running, row.state, row.agent_id]),
  ).toEqual([
    ['mayor/', 'mayor', true, 'idle', null],
    ['deacon/', 'deacon', false, null, null],
    ['greenplace/polecats/nux', 'polecat', true, 'working', 'atlas/claude-7k2m'],
    ['greenplace/polecats/toast', 'polecat', false, 'working', null],
    ['greenplace/crew/max', 'crew', true, 'stuck', null],
  ])
  expect(rowsOf(result, 'gastown_agents')[2]).toMatchObject({
    rig: 'greenplace',
    pane_key: '/tmp/tmux-1000/gt-a1b2c3:1800000000:%1',
    hook_bead: 'gp-12',
    work_title: 'Fix parser',
    cli_info: 'claude/sonnet',
  })
  expect(rowsOf(result, 'gastown_hooks')).toMatchObject([
    { address: 'greenplace/polecats/nux', has_work: true, molecule: 'gp-mol-1' },
  ])
  expect(rowsOf(result, 'gastown_merge_queues')).toMatchObject([
    { rig: 'greenplace', pending: 1, in_flight: 0, state: 'idle' },
  ])
  const [first, second] = rowsOf(result, 'gastown_convoys')
  expect([first?.convoy_id, first?.completed, first?.total, second?.total]).toEqual(['hq-cv-1', 1, 2, 0])
  expect(JSON.parse(String(first?.tracked_json))[0]).toMatchObject({
    id: 'gp-12',
    status: 'hooked',
    worker: 'greenplace/nux',
  })
  expect(warnings).toEqual(['unknown_fields'])
})

test('the recorded status of the real tool is read whole; without bd its work is unknown, not empty', async () => {
  const warnings: string[] = []
  const text = oneTown({
    'status.1': fixture('status-real-1.0.1.json'),
    'convoys.1': { out: '', code: 1, err: 'beads (bd) not found in PATH' },
  })
  const result = await look(text, { warnings })
  expect(result.fault).toBeNull()
  expect(rowsOf(result, 'gastown_agents').map(({ role }) => role)).toEqual(['mayor', 'deacon'])
  expect(result.batches.some(({ table }) => table === 'gastown_convoys')).toBe(false)
  expect(warnings).toEqual(['gastown_work'])
})

test('gt is asked for convoys and for queues that hold something in turn; an emptied queue is emptied', async () => {
  const asked: ScriptAsk[] = []
  const first = await look(oneTown(), { asked })
  const second = await look(oneTown({ 'mq.1': fixture('mq-list.json') }), { asked, cursors: nextCursors(first) })
  expect(rowsOf(second, 'gastown_merge_requests')).toMatchObject([
    {
      rig: 'greenplace',
      request_id: 'gp-mr-1',
      status: 'open',
      branch: 'polecat/nux/gp-12',
      target: 'main',
      worker: 'nux',
      convoy_id: 'hq-cv-1',
      retries: 2,
      blocked_by: 1,
    },
  ])
  expect(JSON.stringify(second.batches)).not.toContain('Prose')
  const third = await look(oneTown(), { asked, cursors: nextCursors(second) })
  expect(asked.map(({ args }) => args?.slice(1))).toEqual([[], [TOWN, 'mq:greenplace'], [TOWN, 'convoys']])
  const idle = fixture('status.json').replace('"pending":1', '"pending":0')
  const fourth = await look(oneTown({ 'status.1': idle }), { cursors: nextCursors(third) })
  expect(fourth.batches).toContainEqual({ table: 'gastown_merge_requests', scope: `${TOWN}:greenplace`, rows: [] })
})

test('where agents work may lie in a town nobody named; known towns are asked first', async () => {
  const asked: ScriptAsk[] = []
  const known = {
    latest_agent_processes: [{ cwd: '/srv/b/rig' }, { cwd: `${TOWN}/greenplace` }, { cwd: null }, { cwd: '/a\nb' }],
  }
  await look(oneTown(), { asked, known, cursors: new Map([[`town:${TOWN}`, { queues: [], turn: 1, feed: null }]]) })
  expect(asked[0]?.args).toEqual(['', TOWN, 'convoys', '/srv/b/rig', 'convoys'])
})

describe('events and mail', () => {
  const events = Buffer.from(
    `${fixture('events.jsonl').trimEnd()}e_started"}\n{"ts":"2026-04-30T09:00:00Z","source":"gt","type":"mail","actor":"mayor","payload":{"to":"greenplace/witness","subject":"Look at nux\\u0007","body":"the body"},"visibility":"feed"}\n{"ts":"2026-04-30T09:01:00Z","source":"gt","type":"merge_failed","actor":"greenplace/refinery","payload":{"mr":"gp-mr-1","worker":"nux","branch":"b","reason":"some prose"}}\n{"ts":"2026-04-30T09:02:00Z","sou`,
  )

  test('whole lines become events, mail its subject only; the rest waits', async () => {
    const result = await look(oneTown(), { events })
    expect(rowsOf(result, 'gastown_events').map((row) => [row.event_type, row.rig, row.subject])).toEqual([
      ['boot', 'greenplace', null],
      ['sling', null, 'gp-12'],
      ['session_start', 'greenplace', null],
      ['polecat_nudged', 'greenplace', 'nux'],
      ['session_death', 'greenplace', null],
      ['future_type', null, null],
      ['merge_started', null, null],
      ['mail', null, null],
      ['merge_failed', 'greenplace', 'gp-mr-1'],
    ])
    expect(rowsOf(result, 'gastown_mail')).toMatchObject([
      { sender: 'mayor', recipient: 'greenplace/witness', subject: 'Look at nux' },
    ])
    expect(JSON.stringify(result.batches)).not.toMatch(/the body|some prose/)
  })

  test('nothing is read twice; a pruned file is read from its start', async () => {
    const first = await look(oneTown(), { events })
    const second = await look(oneTown(), { events, cursors: nextCursors(first) })
    expect(rowsOf(second, 'gastown_events')).toEqual([])
    const pruned = await look(oneTown(), { events, inode: '8', cursors: nextCursors(second) })
    expect(rowsOf(pruned, 'gastown_events')).toHaveLength(9)
    const shrunk = await look(oneTown(), { events: events.subarray(0, 400), cursors: nextCursors(second) })
    expect(rowsOf(shrunk, 'gastown_events').length).toBeGreaterThan(0)
  })

  test('a line without end does not stand in the way for ever', async () => {
    const flood = Buffer.concat([Buffer.alloc(600_000, 'x'), Buffer.from(`\n`), events])
    const warnings: string[] = []
    const first = await look(oneTown(), { events: flood, warnings })
    expect(warnings).toContain('gastown_lines')
    const second = await look(oneTown(), { events: flood, cursors: nextCursors(first) })
    expect(rowsOf(second, 'gastown_events')).toHaveLength(9)
  })
})

test('sessions on the town’s socket that gt does not list, boot and dogs, are agents by their name', async () => {
  const known = {
    latest_pty_panes: ownSocketPanes('hq-boot', 'hq-dog-alpha', 'gp-nux', 'zz-unknown', 'my session', 'hq-overseer'),
  }
  const rows = rowsOf(await look(oneTown(), { known }), 'gastown_agents')
  expect(rows.slice(5).map((row) => [row.address, row.role, row.state])).toEqual([
    ['deacon/boot', 'boot', null],
    ['deacon/dogs/alpha', 'dog', null],
  ])
})

test('roles by session name', () => {
  const prefixes = parseRigPrefixes(fixture('rigs.json'))
  const longer = new Map([...prefixes, ['other', 'gp-x']])
  expect([...prefixes]).toEqual([['greenplace', 'gp']])
  expect(
    ['gp-witness', 'gp-refinery', 'gp-crew-max', 'gp-nux', 'gp-x-nux', 'gp-', 'constructor', 'hq-overseer'].map(
      (name) => roleOfSession(name, longer)?.address ?? null,
    ),
  ).toEqual([
    'greenplace/witness',
    'greenplace/refinery',
    'greenplace/crew/max',
    'greenplace/polecats/nux',
    'other/polecats/nux',
    null,
    null,
    null,
  ])
})
