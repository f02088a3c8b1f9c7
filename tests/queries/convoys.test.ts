import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AskRequest } from '../../src/core/carrier.ts'
import type { RowBatch } from '../../src/core/rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { NOW, planOf, seededStore } from './seeded-store.ts'

const TOWN = '/home/dev/gt'
const PANE = '/tmp/tmux-1000/gt-a1b2c3:1800000000:%1'
const agoS = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000)
const at = { ts: agoS(600), town: TOWN }
const gone = false

const GASTOWN: readonly RowBatch[] = [
  { table: 'gastown_towns', scope: TOWN, rows: [{ town: TOWN, name: 'gt', daemon_running: true, rigs: 2, gone }] },
  {
    table: 'gastown_agents',
    scope: TOWN,
    rows: [
      { town: TOWN, address: 'mayor/', role: 'mayor', running: true, state: 'idle', gone },
      {
        town: TOWN,
        address: 'greenplace/polecats/nux',
        role: 'polecat',
        rig: 'greenplace',
        pane_key: PANE,
        agent_id: null,
        running: true,
        gone,
      },
    ],
  },
  {
    table: 'gastown_hooks',
    scope: TOWN,
    rows: [{ town: TOWN, address: 'greenplace/polecats/nux', has_work: true, gone }],
  },
  {
    table: 'gastown_merge_queues',
    scope: TOWN,
    rows: [{ town: TOWN, rig: 'greenplace', pending: 1, in_flight: 0, blocked: null, gone }],
  },
  {
    table: 'gastown_merge_requests',
    scope: `${TOWN}:greenplace`,
    rows: [{ town: TOWN, rig: 'greenplace', request_id: 'gp-mr-1', branch: 'b', gone }],
  },
  {
    table: 'gastown_convoys',
    scope: TOWN,
    rows: [
      {
        town: TOWN,
        convoy_id: 'hq-cv-1',
        title: 'Parser fixes',
        completed: 1,
        total: 2,
        tracked_json: '[{"id":"gp-12","status":"hooked"}]',
        gone,
      },
    ],
  },
  {
    table: 'gastown_mail',
    rows: [{ ...at, line_hash: 'a', sender: 'mayor', recipient: 'greenplace/witness', subject: 'Look at nux' }],
  },
  {
    table: 'gastown_events',
    rows: [
      { ...at, line_hash: 'a', event_type: 'mail', actor: 'mayor' },
      { ...at, ts: agoS(90_000), line_hash: 'b', event_type: 'boot', actor: 'gt' },
    ],
  },
]

const NTM: readonly RowBatch[] = [
  {
    table: 'ntm_sessions_snapshot',
    rows: [{ session_name: 'proj-a', attached: true, panes: 4, agent_counts_json: '{"claude":1}', gone }],
  },
  {
    table: 'ntm_activity_snapshot',
    rows: [{ total_sessions: 1, total_agents: 1, by_type_json: '{"claude":1}', by_state_json: null }],
  },
  {
    table: 'ntm_events',
    rows: [
      {
        ts: agoS(60),
        cursor: 9,
        event_type: 'agent.prompt_wait',
        session_name: 'proj-a',
        severity: 'error',
        summary: 'cod_1 waits',
      },
    ],
  },
]

const TERMINALS: readonly RowBatch[] = [
  {
    table: 'pty_panes',
    rows: ['screen', 'zellij', 'pty'].map((kind) => ({
      ...{ socket: `${kind}:socket`, pane_id: `pts/${kind.length}:7:9`, tty: 'pts/1', dead: false, gone },
    })),
  },
]

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
  const run = (collector: string, batches: readonly RowBatch[]) =>
    seeded.store.append({
      ...{ machineId: 'atlas', collector, sourceVersion: '1', schemaVersion: 1, startedAt: agoS(5), durationMs: 1 },
      ...{
        up: true,
        fault: null,
        detail: null,
        partial: false,
        bytes: 1,
        cpuMs: 1,
        cursors: [],
        warnings: [],
        batches,
      },
    })
  const agent = { agent_id: 'atlas/claude-nux2', cli: 'claude', kind: 'observed', first_seen: agoS(60), pane_key: PANE }
  for (const [collector, batches] of [
    ['gastown', GASTOWN],
    ['ntm', NTM],
    ['terminals', TERMINALS],
    ['oracle', [{ table: 'agents', rows: [agent] }]],
  ] as const)
    expect(await run(collector, batches)).toMatchObject({ ok: true })
})
afterAll(() => seeded.close())

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const data = async (topic: string, params: AskRequest['params'] = {}): Promise<any> =>
  (
    await answer(
      queries,
      { topic, params },
      { db: seeded.store.db, now: NOW, plan: planOf(['atlas', 'borg', 'coyote']) },
    )
  ).data

test('convoys, roles, hooks, queues with their requests, and mail by subject', async () => {
  const said = await data('convoys')
  expect(said.towns).toMatchObject([{ machine: 'atlas', town: TOWN, daemon_running: true, dolt_running: null }])
  expect(said.convoys).toMatchObject([
    { convoy: 'hq-cv-1', completed: 1, total: 2, tracked: [{ id: 'gp-12', status: 'hooked' }] },
  ])
  expect(said.roles.map((row: { address: string; says: string | null }) => [row.address, row.says])).toEqual([
    ['mayor/', 'idle'],
    ['greenplace/polecats/nux', null],
  ])
  expect(said.hooks).toMatchObject([{ has_work: true }])
  expect(said.queues).toMatchObject([
    { rig: 'greenplace', pending: 1, blocked: null, requests: [{ request: 'gp-mr-1', branch: 'b' }] },
  ])
  expect(said.mail).toMatchObject([{ from: 'mayor', to: 'greenplace/witness', subject: 'Look at nux' }])
})

test('sessions of ntm, what it counted and could not, and events of both, newest first', async () => {
  const said = await data('convoys')
  expect(said.ntm_sessions).toMatchObject([{ session: 'proj-a', agents: { claude: 1 }, windows: null }])
  expect(said.ntm_activity).toMatchObject([{ sessions: 1, by_type: { claude: 1 }, by_state: null }])
  expect(said.events.map((row: { by: string; type: string }) => [row.by, row.type])).toEqual([
    ['ntm', 'agent.prompt_wait'],
    ['gastown', 'mail'],
  ])
  expect((await data('convoys', { since: '2d' })).events).toHaveLength(3)
  expect((await data('convoys', { limit: 1 })).events).toHaveLength(1)
  expect((await data('convoys', { machine: 'borg' })).towns).toEqual([])
})

test('an agent carries the role its orchestrator gives the pane it sits in', async () => {
  const { agents } = await data('agents')
  expect(agents.find((row: { agent: string }) => row.agent === 'atlas/claude-nux2')).toMatchObject({
    role: 'polecat',
    rig: 'greenplace',
  })
  expect(agents.filter((row: { role: string | null }) => row.role !== null)).toHaveLength(1)
})

test('each terminal says who holds it', async () => {
  const { panes } = await data('ptys', { machine: 'atlas' })
  const kinds = panes.map((row: { multiplexer: string; socket: string }) => [row.socket, row.multiplexer])
  expect(kinds).toEqual(
    expect.arrayContaining([
      ['screen:socket', 'screen'],
      ['zellij:socket', 'zellij'],
      ['pty:socket', 'none'],
    ]),
  )
  expect(
    kinds
      .filter(([socket]: [string]) => !/^(screen|zellij|pty):/.test(socket))
      .every(([, kind]: [string, string]) => kind === 'tmux'),
  ).toBe(true)
})
