import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../src/core/rows.ts'
import { readAgents, readRepos } from '../../src/queries/fleet-rows.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { ago, NOW, planOf, run, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
const write = (table: string, machineId: string, rows: readonly Row[]) =>
  seeded.store.write({ machineId, source: 'config', at: ago(1), batches: [{ table, rows }], awaited: true })

describe.each([
  ['removed', { enabled: false, removed_at: ago(1) }, []],
  ['disabled', { enabled: false, removed_at: null }, ['atlas']],
])('a machine that was %s', (what, change, planned) => {
  beforeAll(async () => {
    seeded = await seededStore()
    expect(await write('machines', 'fleet', [{ machine_id: 'atlas', ...change }])).toMatchObject({ ok: true })
    await seeded.store.flush()
  })
  afterAll(() => seeded.close())

  const context = () => {
    const { machines, ...plan } = planOf(['borg', 'coyote', ...planned])
    const now = machines.map((one) => ({ ...one, enabled: one.machineId !== 'atlas' }))
    return { db: seeded.store.db, now: NOW, plan: { ...plan, machines: now } }
  }
  const ask = (topic: string, params: object = {}) => answer(queries, { topic, params: { ...params } }, context())

  test('its agents and checkouts are of the past, and of whoever asks for it by name', async () => {
    const seen = async (at: Date | null, machine?: string) => [
      (await readAgents(context(), at, machine)).length,
      (await readRepos(context(), at, machine)).length,
    ]
    expect(await seen(null)).toEqual([0, 0])
    expect(await seen(new Date(NOW.getTime() - 1_500))).toEqual([2, 1])
    expect(await seen(null, 'atlas')).toEqual([2, 1])
  })

  test.each([
    'agents',
    'ptys',
    'repos',
    'scrapes',
    'settings',
    'mail',
    'builds',
    'machines',
    'status',
    'health',
    'triage',
    'doctor',
    'engine',
  ])('%s tells of it only where it is named, or of the time before', async (topic) => {
    expect(JSON.stringify((await ask(topic)).data)).not.toMatch(/\batlas\b/)
  })

  test('who asks for it whole is told what became of it, and has its past', async () => {
    await expect(ask('machine', { id: 'atlas' })).rejects.toMatchObject({
      code: `machine_${what}`,
      exitCode: 2,
      fix: expect.stringMatching(
        what === 'disabled' ? /^vc machines enable atlas$/ : /^how it was: vc robot machine atlas --at \S+Z; /,
      ),
    })
    const then = await ask('machine', { id: 'atlas', at: new Date(NOW.getTime() - 1_500).toISOString() })
    expect(then.data).toMatchObject({ machine: { id: 'atlas' } })
  })

  test('between two times since then nothing of it changed; over that time it vanished, for a reason', async () => {
    const from = (ageMs: number) => ({ from: new Date(NOW.getTime() - ageMs).toISOString() })
    expect(JSON.stringify((await ask('diff', from(500))).data)).not.toMatch(/\batlas\b/)
    expect((await ask('diff', from(1_500))).data).toMatchObject({
      machines: [{ machine: 'atlas', change: 'vanished', why: expect.stringContaining('nobody looks at it any more') }],
    })
  })

  test('no account is switched there: only what its login is called stays', async () => {
    const profile = { provider: 'anthropic', tool: 'claude', profile_name: 'b', account_key: 'b', active: false }
    const batches = ['atlas', 'borg'].map(
      (id) => [{ table: 'account_profile_snapshots', rows: [{ ...profile, profile_name: `on-${id}` }] }, id] as const,
    )
    for (const [batch, id] of batches) await seeded.store.append(run(id, 'caam', 5, [batch]))
    const { accounts } = (await ask('accounts')).data as {
      accounts: { account: string; profiles: { machine: string }[] }[]
    }
    const [mine] = accounts.filter(({ account }) => account === 'b')
    expect(mine?.profiles.map(({ machine }) => machine)).toEqual(['borg'])
  })

  test('mail there waits for nobody now, and is not called read for that', async () => {
    const place = { database_path: '/m', project_id: 'shop', thread_id: 't' }
    const message = {
      ...place,
      message_id: 'm1',
      created_at: ago(7_200),
      sender: 'ann',
      importance: 'high',
      ack_required: true,
      subject: 'look',
      recipients: 1,
    }
    const recipient = {
      database_path: '/m',
      project_id: 'shop',
      message_id: 'm1',
      message_created_at: ago(7_200),
      recipient: 'bea',
      importance: 'high',
      ack_required: true,
    }
    const rows = { table: 'mail_messages', rows: [message] }
    expect(
      await seeded.store.append(run('atlas', 'agent_mail', 5, [rows, { table: 'mail_recipients', rows: [recipient] }])),
    ).toMatchObject({ ok: true })
    expect((await ask('mail')).data).toMatchObject({
      projects: [],
      messages: [{ machine: 'atlas', unread_by: ['bea'], unacked_by: ['bea'] }],
    })
    expect((await ask('mail', { machine: 'atlas' })).data).toMatchObject({
      projects: [{ machine: 'atlas', unread: 1 }],
    })
    expect(JSON.stringify((await ask('triage')).data)).not.toContain('mail:atlas')
  })

  test('an agent that vc keeps there is not called alive: nobody knows', async () => {
    const kept = {
      ...{
        agent_id: 'atlas/agent-1',
        machine_id: 'atlas',
        cli: 'generic',
        role: 'coder',
        tier: 'sonnet',
        tier_reason: 'role',
        isolation: 'shared',
        cwd: '/srv',
      },
      ...{
        spec_json: '{}',
        argv_json: '[]',
        host: 'tmux',
        launches: 1,
        restart_policy: 'always',
        wanted: 'run',
        status: 'running',
        status_at: ago(60),
      },
      ...{
        restarts: 0,
        crashes_json: '[]',
        created_at: ago(60),
        created_by: 'ann',
        started_at: ago(60),
        last_seen_at: ago(3),
      },
    }
    expect(await write('managed_agents', 'atlas', [kept])).toMatchObject({ ok: true })
    const now = (await ask('engine')).data as { agents: object[]; by_status: object }
    expect(now.by_status).toEqual({ unseen: 1 })
    expect(now.agents).toMatchObject([
      { health: { alive: null, state: 'unknown', why: expect.stringContaining('nobody looks at atlas') } },
    ])
  })

  test('a question that cannot be read is one refusal, and leaves nothing that fails unheard', async () => {
    await expect(ask('agents', { at: 'in no time' })).rejects.toMatchObject({ code: 'bad_time' })
  })

  test('who names it is told that nobody looks there any more', async () => {
    const { warnings } = await ask('agents', { machine: 'atlas' })
    expect(warnings).toContainEqual(
      expect.stringMatching(/^not_looked_at: nobody looks at atlas any more: .*\(vc machines (enable|add) atlas/),
    )
    expect(warnings).not.toContainEqual(expect.stringMatching(/^no_machines/))
    const { findings } = (await ask('doctor', { machine: 'atlas' })).data as { findings: { says: string }[] }
    const says = findings.map((one) => one.says)
    expect(says).toContainEqual(expect.stringMatching(/^nobody looks at it: it (left|is disabled in) vc\.toml$/))
    expect(says).not.toContainEqual(expect.stringMatching(/^nothing has been collected/))
    expect((await ask('agents', { machine: 'borg' })).warnings ?? []).not.toContainEqual(
      expect.stringMatching(/^not_looked_at/),
    )
    expect(
      (await ask('agents', { machine: 'atlas', at: new Date(NOW.getTime() - 1_500).toISOString() })).warnings ?? [],
    ).not.toContainEqual(expect.stringMatching(/^not_looked_at/))
  })
})

// vc.toml changed while nobody had the file open: the store learns of it with the next look, a question must not wait for that.
test.each([
  ['removed', []],
  ['disabled', ['atlas']],
])('without a daemon the configuration says who is looked at: %s', async (_what, planned) => {
  const store = await seededStore()
  const { machines, ...plan } = planOf(['borg', 'coyote', ...planned])
  const ctx = {
    ...{ db: store.store.db, now: NOW },
    plan: { ...plan, machines: machines.map((one) => ({ ...one, enabled: one.machineId !== 'atlas' })) },
  }
  const told = async (more: object, topic: string, at?: string) =>
    /\batlas\b/.test(
      JSON.stringify((await answer(queries, { topic, params: at ? { at } : {} }, { ...ctx, ...more })).data),
    )
  for (const topic of ['status', 'machines', 'health', 'agents', 'triage', 'doctor']) {
    expect([topic, await told({ inventoryOfPlan: true }, topic)]).toEqual([topic, false])
    // A daemon takes the file in force when it is told to, and then writes it down.
    if (topic === 'agents') expect(await told({}, topic)).toBe(true)
  }
  expect(await told({ inventoryOfPlan: true }, 'agents', ago(1).toISOString())).toBe(true)
  await store.close()
})
