import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AskRequest } from '../../src/core/carrier.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { ago, NOW, planOf, run, seededStore } from './seeded-store.ts'

let seeded: Awaited<ReturnType<typeof seededStore>>
beforeAll(async () => {
  seeded = await seededStore()
  const session = {
    cli: 'claude',
    session_id: 's1',
    is_subagent: false,
    provider: 'anthropic',
    started_at: ago(7200),
    last_activity_at: ago(60),
    transcript_path: '/home/dev/.claude/projects/ledger/s1.jsonl',
    source_gone: false,
    updated_at: ago(3),
  }
  await seeded.store.append(run('atlas', 'claude', 3, [{ table: 'agent_sessions', rows: [session] }]))
})
afterAll(() => seeded.close())

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into as an agent would
const ask = async (topic: string, params: AskRequest['params'] = {}): Promise<any> => (await reply(topic, params)).data
const reply = (topic: string, params: AskRequest['params']) =>
  answer(queries, { topic, params }, { db: seeded.store.db, now: NOW, plan: planOf(['atlas', 'borg']) })

test('machine: the history of its meters comes when it is asked for, and only then', async () => {
  expect((await ask('machine', { id: 'atlas' })).history).toBeNull()
  const { history } = await ask('machine', { id: 'atlas', hours: 24 })
  expect(history.step_s).toBe(30)
  expect(history.points).toEqual([{ at: '2026-11-20T11:59:30.000Z', cpu_pct: 12.5, mem_pct: 25, load5: 1.2 }])
})

test('explain: turns are figures of the session, newest first, and no price is null', async () => {
  expect((await ask('explain', { id: 'atlas/claude-7k2m' })).turns).toEqual([])
  const { turns, changes } = await ask('explain', { id: 'atlas/claude-7k2m', turns: 5 })
  expect(turns.map((turn: { cost_microusd: number | null }) => turn.cost_microusd).sort()).toEqual([5000, null])
  expect(turns[0]).toMatchObject({ session: 's1', subagent: false, output_tokens: 50, cache_write_tokens: 10 })
  expect(changes).toMatchObject([{ state: 'needs_approval', reason: 'permission prompt' }])
})

test('sessions: an age counts back from the moment asked about, not from now', async () => {
  expect((await ask('sessions', { since: '59s' })).total).toBe(0)
  expect((await ask('sessions', { since: '59s', at: '2s' })).total).toBe(1)
})

test('sessions: an empty window says when somebody was active last; no history says why there is none', async () => {
  const said = async (params: AskRequest['params']) =>
    ((await reply('sessions', params)).warnings ?? []).filter((text) => !text.startsWith('never_reached'))
  expect(await said({ since: '59s' })).toEqual([
    expect.stringMatching(
      /^outside_window: none was active since .+; the newest was at .+ \(vc robot sessions --since .+\)$/,
    ),
  ])
  expect(await said({ since: '2h' })).toEqual([])
  expect(await said({ since: '59s', cli: 'gemini' })).toEqual([
    'not_collected: sessions are not collected yet, so there are none here: nobody asks for them (gemini) (vc config explain collectors; vc robot collectors --json)',
  ])
})
