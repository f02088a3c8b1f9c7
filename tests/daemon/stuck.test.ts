import { expect, test } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import type { Row } from '../../src/core/rows.ts'
import { openPredictions } from '../../src/daemon/predictions.ts'
import { answer, queries } from '../../src/queries/index.ts'
import { ago, NOW, run } from '../queries/seeded-store.ts'
import { tempStore } from '../store/support.ts'

const later = (min: number): Date => new Date(NOW.getTime() + min * 60_000)

const agent = (id: string, session: string, pid: number): Row => ({
  agent_id: id, machine_id: 'atlas', cli: 'claude', kind: 'observed', first_seen: ago(9000), ended: null, session_id: session,
  parent_session_id: null, cli_version: null, cwd: '/w', repo_id: null, boot_id: 'b', root_pid: pid, root_start_ticks: 1, tty: null,
  pane_key: null, session_name: null, account_key: null,
}) // biome-ignore format: a table of values

const state = (id: string, word: string, at: Date): Row => ({
  agent_id: id, machine_id: 'atlas', state: word, reason: null, since: at, until_at: null, rule: 'test@1', winner_json: null,
  losers_json: '[]', judged_at: at,
}) // biome-ignore format: a table of values

const session = (id: string, lastS: number): Row => ({
  cli: 'claude', session_id: id, provider: 'anthropic', parent_session_id: null, is_subagent: false, cwd: '/w', repo: null,
  git_branch: null, cli_version: null, model: null, entrypoint: null, started_at: ago(9000), last_activity_at: ago(lastS),
  context_tokens: null, context_window_tokens: null, last_error: null, last_error_at: null, transcript_path: null,
  transcript_bytes: null, source_gone: false, updated_at: ago(lastS),
}) // biome-ignore format: a table of values

const look = (pid: number, cpuPct: number): Row => ({
  boot_id: 'b', root_pid: pid, root_start_ticks: 1, cli: 'claude', processes: 1, cpu_pct: cpuPct, cpu_lifetime: false, rss_bytes: 1,
}) // biome-ignore format: one row

test('of two agents silent for half an hour the one whose process rests is warned of, and the warning is scored', async () => {
  const store = await tempStore({ groupWindowMs: 0 })
  const write = (at: Date, table: string, rows: readonly Row[]) =>
    store.write({ machineId: 'atlas', source: 'oracle.agents', at, batches: [{ table, rows }] })
  await write(ago(9000), 'agents', [agent('atlas/claude-a', 'a', 1), agent('atlas/claude-b', 'b', 2)])
  const since = ago(1800)
  await write(since, 'latest_agent_states', [
    state('atlas/claude-a', 'working', since),
    state('atlas/claude-b', 'working', since),
  ])
  await store.append(
    run('atlas', 'claude', 1700, [{ table: 'agent_sessions', rows: [session('a', 1750), session('b', 1750)] }]),
  )
  for (const atS of [120, 90, 60, 30])
    await store.append(
      run('atlas', 'probe', atS, [{ table: 'agent_process_samples', rows: [look(1, 0), look(2, 2.5)] }]),
    )

  let now = NOW
  const predictions = openPredictions({ store, plan: () => ({ machines: [] }), now: () => now, log: silentLog })
  await predictions.turn()
  const ask = async (topic: string): Promise<unknown> =>
    (await answer(queries, { topic, params: {} }, { db: store.db, now, plan: { machines: [] } })).data
  expect(await ask('forecast')).toMatchObject({
    stuck: [
      {
        agent: 'atlas/claude-a',
        kind: 'stuck_silent',
        right_share: null,
        scored: 0,
        command: 'vc explain atlas/claude-a',
      },
    ],
  })

  now = later(30)
  await write(later(29), 'latest_agent_states', [
    { ...state('atlas/claude-a', 'working', since), judged_at: later(29) },
  ])
  await predictions.turn()
  expect(await store.db.rows('SELECT kind, outcome FROM prediction_scores')).toEqual([
    { kind: 'stuck_silent', outcome: 'came' },
  ])
  expect(await ask('oracle')).toMatchObject({
    kinds: [{ kind: 'stuck_silent', came: 1, calibration: [{ came_share: 1 }] }],
  })
})
