import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ntm } from '../../../src/collectors/ntm/index.ts'
import { parseNtmList } from '../../../src/collectors/ntm/list.ts'
import type { CollectResult } from '../../../src/core/collector.ts'
import type { Row } from '../../../src/core/rows.ts'
import { openStore, type Store } from '../../../src/store/index.ts'
import { sqliteHere } from '../../../src/transport/sqlite.ts'
import { answered, contextWith, runInShell } from '../shell-context.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/ntm/${name}`, import.meta.url)).toString()
const dir = mkdtempSync(join(tmpdir(), 'vcn-'))
afterAll(() => rmSync(dir, { recursive: true }))

const N = '0123456789abcdef'
const said = (list: string, { code = 0, state = join(dir, 'absent.db') } = {}): string =>
  `vc-tool 1 ${N}\n\u001e${N} state\n${state}\n\n\u001f${N} 0\n\u001e${N} list\n${list}\n\u001f${N} ${code}\n\u001e${N} end`

interface World {
  readonly cursors?: ReadonlyMap<string, unknown>
  readonly known?: Readonly<Record<string, readonly Row[]>>
  readonly warnings?: string[]
  readonly at?: string
}

const look = (stdout: string, world: World = {}): Promise<CollectResult> =>
  ntm.collect({
    ...contextWith({
      run: () => answered(stdout),
      startedAt: new Date(world.at ?? '2026-08-23T10:00:05Z'),
      ...(world.cursors ? { cursors: world.cursors } : {}),
      ...(world.known ? { known: world.known } : {}),
      ...(world.warnings ? { warnings: world.warnings } : {}),
    }),
    sqlite: (path, sql) => sqliteHere(path, sql),
  })

const rowsOf = (result: CollectResult, table: string): readonly Row[] =>
  result.batches.filter((batch) => batch.table === table).flatMap((batch) => batch.rows)

/** Columns as migrations 007 and 014 of ntm name them; times as its driver writes them. */
const makeState = (path: string, events: readonly (readonly [number, string, string, string])[]): void => {
  const db = new DatabaseSync(path)
  db.exec(`CREATE TABLE IF NOT EXISTS runtime_sessions (name TEXT, project_path TEXT, health_status TEXT, health_reason TEXT, stale_after TIMESTAMP);
    CREATE TABLE IF NOT EXISTS runtime_agents (session_name TEXT, pane TEXT, agent_type TEXT, variant TEXT, state TEXT, current_bead TEXT, pending_mail INTEGER, stale_after TIMESTAMP);
    CREATE TABLE IF NOT EXISTS attention_events (cursor INTEGER PRIMARY KEY, ts TIMESTAMP, session_name TEXT, pane TEXT, category TEXT, event_type TEXT, source TEXT, actionability TEXT, severity TEXT, summary TEXT, details TEXT, reason_code TEXT);
    DELETE FROM runtime_sessions; DELETE FROM runtime_agents; DELETE FROM attention_events;
    INSERT INTO runtime_sessions VALUES ('proj-a', '', 'warning', '1 agent rate limited', '2026-08-23 10:00:30.349045375+00:00'), ('proj-b', '/srv/old', 'healthy', '', '2026-08-23 09:00:00+00:00');
    INSERT INTO runtime_agents VALUES ('proj-a', '%4', 'claude', 'opus', 'busy', 'demo-a1f', 0, '2026-08-23 10:00:30+00:00'), ('proj-a', '%5', 'oc', '', 'idle', '', 2, '2026-08-23 10:00:30+00:00'),
      ('proj-a', '%6', 'user', '', 'active', '', 0, '2026-08-23 10:00:30+00:00'), ('proj-b', '%9', 'codex', '', 'busy', '', 0, '2026-08-23 09:00:00+00:00');`)
  const insert = db.prepare(
    "INSERT INTO attention_events VALUES (?, ?, 'proj-a', '%4', 'agent', ?, 'activity_tracker', 'interesting', 'info', 'cc_1 idle to generating', ?, 'x')",
  )
  for (const event of events) insert.run(...event)
  db.close()
}

const PANES: readonly Row[] = ['4', '5'].map((n) => ({
  source: 'tmux',
  socket: '/tmp/tmux-1000/default',
  server_start_epoch_s: 1_800_000_000n,
  pane_id: `%${n}`,
  session_name: 'proj-b',
  current_path: '/srv/code/proj-b',
}))
const ALIASES: readonly Row[] = [{ alias: 'pane:/tmp/tmux-1000/default:1800000000:%4', agent_id: 'atlas/claude-7k2m' }]

test('the list becomes one row per session and one of sums; shells of people are no agents', async () => {
  const result = await look(said(fixture('list.json')), { known: { latest_pty_panes: PANES } })
  expect(result.fault).toBeUndefined()
  expect(rowsOf(result, 'ntm_sessions_snapshot')).toMatchObject([
    { session_name: 'proj-a', work_dir: '/srv/code/proj-a', attached: true, windows: 2, panes: 4, panes_json: null },
    { session_name: 'proj-b', label: 'night', work_dir: '/srv/code/proj-b', attached: false, agent_counts_json: null },
  ])
  expect(rowsOf(result, 'ntm_sessions_snapshot')[0]?.agent_counts_json).toBe('{"claude":1,"codex":1,"opencode":1}')
  // proj-b says nothing of its agents, so nobody knows how many there are
  expect(rowsOf(result, 'ntm_activity_snapshot')).toEqual([
    { total_sessions: 2, attached_sessions: 1, total_agents: null, by_type_json: null, by_state_json: null },
  ])
})

test('the recorded list of the real tool is read whole', async () => {
  const warnings: string[] = []
  const result = await look(said(fixture('list-real-1.29.3.json')), { warnings })
  expect(rowsOf(result, 'ntm_activity_snapshot')).toMatchObject([
    { total_sessions: 1, total_agents: 1, by_type_json: '{"claude":1}' },
  ])
  expect(warnings).toEqual([])
})

test('an empty list is an empty picture and a zero that was counted, unless tmux has sessions', async () => {
  const empty = await look(said(fixture('list-real-empty-1.29.3.json')))
  expect(rowsOf(empty, 'ntm_activity_snapshot')).toMatchObject([{ total_sessions: 0, total_agents: 0 }])
  expect(empty.batches.find(({ table }) => table === 'ntm_sessions_snapshot')?.rows).toEqual([])
  const doubtful = await look(said(fixture('list-real-empty-1.29.3.json')), { known: { latest_pty_panes: PANES } })
  expect(doubtful).toMatchObject({ batches: [], fault: 'bad_output' })
})

describe('its database', () => {
  const path = join(dir, 'state.db')
  const world: World = { known: { latest_pty_panes: PANES, agent_aliases: ALIASES } }
  beforeAll(() =>
    makeState(path, [
      [
        7,
        '2026-08-23 09:59:20.959985438+00:00',
        'agent.state_change',
        '{"from_state":"idle","to_state":"generating","prompt":"secret words","age_ms":5}',
      ],
      [9, '2026-08-23 09:59:50+00:00', 'agent.prompt_wait', 'not json'],
    ]),
  )

  test('adds states that are fresh, health, and events, each with the agent it is about', async () => {
    const result = await look(said(fixture('list.json'), { state: path }), world)
    const [a, b] = rowsOf(result, 'ntm_sessions_snapshot')
    expect([a?.health_status, a?.health_reason, b?.health_status]).toEqual(['warning', '1 agent rate limited', null])
    expect(JSON.parse(String(a?.panes_json))).toMatchObject([
      { pane: '%4', agent_id: 'atlas/claude-7k2m', type: 'claude', state: 'busy', bead: 'demo-a1f' },
      { pane: '%5', agent_id: null, type: 'oc', state: 'idle', pending_mail: 2 },
    ])
    expect(rowsOf(result, 'ntm_activity_snapshot')[0]?.by_state_json).toBe('{"busy":1,"idle":1}')
    expect(rowsOf(result, 'ntm_events')).toMatchObject([
      {
        cursor: 7,
        ts: new Date('2026-08-23T09:59:20.959Z'),
        event_type: 'agent.state_change',
        agent_id: 'atlas/claude-7k2m',
      },
      { cursor: 9, event_type: 'agent.prompt_wait', details_json: null },
    ])
    expect(
      JSON.stringify(result.batches, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('secret')
    expect(result.cursors).toMatchObject([{ key: 'state', value: { path, cursor: 9 } }])
  })

  test('what was read is not read again; a database that began anew is read from its start', async () => {
    const first = await look(said(fixture('list.json'), { state: path }), world)
    const cursors = new Map(first.cursors?.map(({ key, value }) => [key, value]))
    const second = await look(said(fixture('list.json'), { state: path }), { ...world, cursors })
    expect(rowsOf(second, 'ntm_events')).toEqual([])
    const anew = new Map([['state', { path, cursor: 4000, columns: null }]])
    expect(
      rowsOf(await look(said(fixture('list.json'), { state: path }), { ...world, cursors: anew }), 'ntm_events'),
    ).toHaveLength(2)
    const elsewhere = new Map([['state', { path: '/other/state.db', cursor: 4000 }]])
    expect(
      rowsOf(await look(said(fixture('list.json'), { state: path }), { ...world, cursors: elsewhere }), 'ntm_events'),
    ).toHaveLength(2)
  })

  test('that is another program’s is said, and the sessions stay', async () => {
    const foreign = join(dir, 'foreign.db')
    const db = new DatabaseSync(foreign)
    db.exec('CREATE TABLE attention_events (x TEXT)')
    db.close()
    const warnings: string[] = []
    const result = await look(said(fixture('list.json'), { state: foreign }), { warnings })
    expect(warnings).toEqual(['ntm_state'])
    expect(rowsOf(result, 'ntm_sessions_snapshot')).toHaveLength(2)
  })

  test('the rows really commit, and the same look twice changes nothing', async () => {
    const store: Store = await openStore({ dataDir: join(dir, 'data') })
    const append = async (at: string) => {
      const result = await look(said(fixture('list.json'), { state: path }), { ...world, at })
      return store.append({
        ...{ machineId: 'atlas', collector: 'ntm', sourceVersion: '1.29.3', schemaVersion: 1, startedAt: new Date(at) },
        ...{ durationMs: 5, up: true, fault: null, detail: null, partial: false, bytes: 1, cpuMs: 1, warnings: [] },
        batches: result.batches,
        cursors: result.cursors ?? [],
      })
    }
    expect(await append('2026-08-23T10:00:05Z')).toMatchObject({ ok: true })
    expect(await append('2026-08-23T10:00:06Z')).toMatchObject({ ok: true, inserted: 1 })
    const counts = await store.db.rows(
      `SELECT (SELECT count(*) FROM ntm_events)::INTEGER AS events, (SELECT count(*) FROM ntm_sessions_snapshot)::INTEGER AS sessions,
       (SELECT count(*) FROM ntm_activity_snapshot)::INTEGER AS samples, (SELECT count(*) FROM latest_ntm_sessions_snapshot)::INTEGER AS latest`,
    )
    expect(counts).toEqual([{ events: 2, sessions: 2, samples: 2, latest: 2 }])
    await store.close()
  })
})

test.each([
  ['an unknown flag', fixture('unknown-flag.json'), 1, 'incompatible_version'],
  ['another document of ntm', fixture('robot-status.v2.json'), 0, 'bad_output'],
  ['an older document of ntm', fixture('robot-status.v1-old.json'), 0, 'bad_output'],
  ['words', 'panic: runtime error', 2, 'exit_code'],
  ['nothing', '', 0, 'bad_output'],
  ['half a document', fixture('list.json').slice(0, 200), 0, 'bad_output'],
  ['nesting without end', '['.repeat(200_000), 0, 'bad_output'],
  ['the end of its time', '', 124, 'timeout'],
] as const)('%s is a fault, never an empty fleet', async (_, text, code, fault) => {
  expect(await look(said(text, { code }))).toMatchObject({ batches: [], fault })
})

test('an absent tool and a cut answer are told apart', async () => {
  expect(await look(`vc-tool 1 ${N}\n\u001e${N} missing\n\u001f${N} 127\n\u001e${N} end`)).toMatchObject({
    fault: 'tool_missing',
  })
  expect(await look(`vc-tool 1 ${N}\n\u001e${N} list\n{"gen`)).toMatchObject({ batches: [], fault: 'truncated' })
  expect(await look('bash: no\n')).toMatchObject({ fault: 'bad_output' })
})

test('hostile sessions: control characters, huge numbers, NaN, names that are none', () => {
  const text = `{"generated_at":"x","sessions":[{"name":"a\\u001b]2;b\\u0007","windows":99999999999999999999,"pane_count":-1,"attached":"yes","agents":{"__proto__":3,"claude":1e999,"codex":2}},{"name":7},null,"x",{"name":"${'n'.repeat(9999)}"}],"count":1,"new":1}`
  const list = parseNtmList(text)
  expect(list).toMatchObject({ is: 'list', unreadable: 3, unknown: 1 })
  const [a, b] = list.is === 'list' ? list.sessions : []
  expect(a).toMatchObject({ name: 'a]2;b', windows: null, panes: null, attached: null })
  expect(a?.agents?.codex).toBe(2)
  expect(b?.name).toHaveLength(256)
})

test('a newer ntm is read and said once', async () => {
  const known = { machine_tool_capabilities: [{ tool_name: 'ntm', version: '9.1.0' }] }
  const warnings: string[] = []
  const first = await look(said(fixture('list.json')), { known, warnings })
  expect([warnings, first.sourceVersion]).toEqual([['newer_version'], '9.1.0'])
  const cursors = new Map(first.cursors?.map(({ key, value }) => [key, value]))
  await look(said(fixture('list.json')), { known, warnings, cursors })
  expect(warnings).toEqual(['newer_version'])
})

test('the script runs ntm in a home that is gone afterwards, outside any project, with the user’s own paths named', async () => {
  const home = join(dir, 'home')
  const bin = join(dir, 'bin')
  execFileSync('sh', ['-c', `mkdir -p '${home}' '${bin}' && cat >'${bin}/ntm' && chmod +x '${bin}/ntm'`], {
    input:
      '#!/bin/sh\nprintf "%s|%s|%s|%s|" "$*" "$PWD" "$HOME" "$NTM_ROBOT_FORMAT"; cat "$XDG_CONFIG_HOME/ntm/config.toml"; touch "$HOME/left-behind"\n',
  })
  let stdout = ''
  await ntm.collect({
    ...contextWith({
      run: async (ask) => {
        const answer = await runInShell(
          { ...ask, args: [join(bin, 'ntm')] },
          { PATH: process.env.PATH, HOME: home, TMPDIR: dir },
        )
        stdout = Buffer.from(answer.stdout).toString()
        return answer
      },
    }),
    sqlite: (path, sql) => sqliteHere(path, sql),
  })
  const [argv, cwd, ownHome, format, config] = (/list\n([^\u001f]*)/.exec(stdout)?.[1] ?? '').split('|')
  expect([argv, format, config]).toEqual([
    'list --json',
    'json',
    expect.stringContaining('auto_clean_on_startup = false'),
  ])
  expect(cwd).toMatch(/vc-ntm\./)
  expect(ownHome).toBe(cwd)
  expect(stdout).toContain(`${home}/.config/ntm/state.db`)
  expect(execFileSync('ls', ['-A', dir]).toString()).not.toContain('vc-ntm.')
  expect(execFileSync('ls', ['-A', home]).toString()).toBe('')
})
