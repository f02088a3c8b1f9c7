// What is advised, summed up or listed is a handful of lines: the thousands they are found among stay in the database.
import { expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { readKpi } from '../../src/queries/rows-kpi.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'
import { asking, MANY, many, watched } from './asking.ts'

const LONG_AGO = -7200

const recipient = (i: number, more: Row = {}): Row => ({
  ...{ database_path: '/srv/mail.db', message_id: String(i), message_created_at: at(LONG_AGO - i), recipient: 'Owl' },
  ...{ project_id: i % 2 === 0 ? 'even' : 'odd', importance: 'high', ack_required: true, kind: 'to', ...more },
})

const issue = (id: string, standing: string, more: Row = {}): Row => ({
  ...{
    scope: '/srv/code/a',
    project: '/srv/code/a',
    repo_id: 'one',
    issue_id: id,
    title: id,
    standing,
    status: 'open',
  },
  ...{ priority: 1, score: 0.5, ...more },
})

type Told = { readonly id: string; readonly title: string; readonly description: string }[]

test('of mail that waits the projects are read, and of issues those that are advised', async () => {
  const store = await tempStore()
  const mail = [
    ...many((i) => recipient(i)),
    recipient(90, { ack_at: at(0) }),
    recipient(91, { message_created_at: at(0) }),
    recipient(92, { ack_required: null }),
    recipient(93, { retired_at: at(0) }),
  ]
  await appendAll(
    store,
    runOf([{ table: 'mail_recipients', rows: mail }], { collector: 'agent_mail' }),
    runOf(
      [
        {
          table: 'beads_issues',
          rows: [
            ...many((i) => issue(`r${i}`, 'ready', { unblocks: i })),
            issue('taken', 'ready', { assignee: 'Ann', unblocks: 99 }),
            issue('minor', 'ready', { priority: 3, unblocks: 99 }),
            ...many((i) => issue(`b${i}`, 'blocked', { repo_id: 'two', score: i })),
            issue('p', 'in_progress', { repo_id: 'three' }),
            issue('q', 'blocked', { repo_id: 'three' }),
          ],
        },
      ],
      { collector: 'beads' },
    ),
  )
  const { data, most } = await asking(store)('triage')
  const told = data.recommendations as unknown as Told
  expect([told.map(({ id }) => id), most]).toEqual([
    ['mail:atlas', 'beads-blocked:two', 'bead:one:r37', 'bead:one:r38', 'bead:one:r39'],
    3,
  ])
  expect(told[0]).toMatchObject({
    title: `${MANY} acknowledgements between agents on atlas are overdue`,
    description: `in odd, even; the oldest was asked for at ${at(LONG_AGO - 39).toISOString()}`,
  })
  expect(told[1]).toMatchObject({
    title: `${MANY} issues are blocked and none is ready or in progress`,
    description: 'in the project of b39: nothing can begin until one of them is freed',
  })
})

test('an issue that two places tell of is advised once, and of machines that left none', async () => {
  const store = await tempStore()
  const here = [issue('a', 'ready', { score: 0.9 }), issue('b', 'blocked', { repo_id: 'two' })]
  const there = [issue('a', 'ready', { score: 0.1 }), issue('c', 'ready'), issue('b2', 'ready', { repo_id: 'two' })]
  const beads = { collector: 'beads' }
  await appendAll(
    store,
    runOf([{ table: 'beads_issues', rows: here }], beads),
    runOf([{ table: 'beads_issues', rows: there }], { ...beads, machineId: 'borg' }),
  )
  const ids = async () =>
    ((await asking(store)('triage')).data.recommendations as unknown as Told).map(({ id }) => id).sort()
  expect(await ids()).toEqual(['bead:one:a', 'bead:one:c', 'bead:two:b2'])
  await appendAll(store, runOf([{ table: 'machines', rows: [machineRow('atlas', true), machineRow('borg', false)] }]))
  expect(await ids()).toEqual(['bead:one:a', 'beads-blocked:two'])
})

const machineRow = (id: string, enabled: boolean): Row => ({
  ...{ machine_id: id, ssh_target: 'local', tags_json: '[]', roles_json: '[]', enabled, status: 'online' },
  ...{ allow_write_commands: false, allow_autopilot: false, consecutive_failures: 0, first_seen_at: at(-9) },
})

const incident = (id: string, opened: Date, closed: Date | null): Row => ({
  ...{ incident_id: id, group_key: 'g', machine_id: 'atlas', title: id, severity: 'warning', opened_by: 'vc' },
  ...{ status: closed === null ? 'open' : 'closed', opened_at: opened, closed_at: closed },
  ...{ alerts_json: '[]', hypotheses_json: '[]' },
})

test('of incidents the key figures count the open ones, and a report reads those of its time', async () => {
  const store = await tempStore()
  const old = many((i) => incident(`i-${i}`, at(-864_000 - i), at(-860_000)))
  await appendAll(store, runOf([{ table: 'incidents', rows: [...old, incident('i-now', at(9), null)] }]))
  const { ctx, most } = watched(store)
  expect([await readKpi(ctx), most()]).toEqual([expect.objectContaining({ incidents_open: 1 }), 1])
  const told = await asking(store)('report', { window: '1h' })
  expect([JSON.stringify(told.data).includes('i-now'), told.most]).toEqual([true, 1])
})

const agent = (id: string, ended: Date | null, more: Row = {}): Row => ({
  ...{
    agent_id: `atlas/${id}`,
    machine_id: 'atlas',
    cli: 'claude',
    kind: 'observed',
    first_seen: at(0),
    ended,
    ...more,
  },
})
const verdict = (id: string, state: string): Row => ({
  ...{ agent_id: `atlas/${id}`, machine_id: 'atlas', state, rule: 'r', judged_at: at(0) },
})

test('with the agents that live so many are listed that ended as are asked for, the last first; all are counted', async () => {
  const store = await tempStore()
  const rows = [
    ...many((i) => agent(`claude-e${String(i).padStart(2, '0')}`, at(100 + i))),
    ...[agent('claude-a', null), agent('codex-b', null, { cli: 'codex' }), agent('codex-z', at(300), { cli: 'codex' })],
  ]
  const states = [...many((i) => verdict(`claude-e${String(i).padStart(2, '0')}`, 'dead')), verdict('claude-a', 'idle')]
  await appendAll(
    store,
    runOf([
      { table: 'agents', rows },
      { table: 'latest_agent_states', rows: states },
    ]),
  )
  const ask = asking(store)
  const told = async (params: Record<string, unknown>) => {
    const { data, most } = await ask('agents', params)
    const listed = data.agents as unknown as { agent: string; state: string }[]
    return [listed.map((one) => `${one.agent.slice(6)} ${one.state}`), data.total, data.by_state, most]
  }
  const live = ['claude-a idle', 'codex-b unknown']
  const lately = ['claude-a idle', 'claude-e39 dead', 'codex-b unknown', 'codex-z unknown']
  expect(await told({ all: true, limit: 2 })).toEqual([lately, MANY + 3, { dead: MANY, idle: 1, unknown: 2 }, 4])
  expect(await told({ all: true, limit: 1, cli: 'codex' })).toEqual([[live[1], lately[3]], 2, { unknown: 2 }, 2])
  expect(await told({ all: true, limit: 1, state: 'dead' })).toEqual([[lately[1]], MANY, { dead: MANY }, 1])
  expect(await told({ limit: 1 })).toEqual([live, 2, { idle: 1, unknown: 1 }, 2])
  const past = await told({ all: true, limit: 2, at: '450s' })
  expect(past.slice(0, 3)).toEqual([lately, MANY + 3, { dead: MANY, idle: 1, unknown: 2 }])
})
