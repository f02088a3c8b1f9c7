import { expect, test } from 'vitest'
import type { EngineBook } from '../../src/commands/engine/book.ts'
import type { Row } from '../../src/core/rows.ts'
import { openHealthWatch } from '../../src/daemon/engine-health.ts'
import type { Store } from '../../src/store/index.ts'
import { watched } from '../queries/asking.ts'
import { appendAll, at, runOf, tempStore } from '../store/support.ts'

const kept = (id: string, more: Row = {}): Row => ({
  ...{
    agent_id: `atlas/${id}`,
    machine_id: 'atlas',
    cli: 'claude',
    role: 'coder',
    tier: 'sonnet',
    tier_reason: 'role',
  },
  ...{ isolation: 'none', cwd: '/srv/code/a', spec_json: '{}', argv_json: '[]', host: 'tmux', launches: 1 },
  ...{ restart_policy: 'never', wanted: 'stop', status: 'stopped', status_at: at(0), restarts: 0, crashes_json: '[]' },
  ...{ created_at: at(0), created_by: 'ann', started_at: at(0), ...more },
})

test('that an agent ended is told among hundreds that ended long ago, which are not read each time', async () => {
  const store = await tempStore()
  const long = Array.from({ length: 300 }, (_, i) => kept(`claude-e${i}`, { ended_at: at(-i) }))
  const runs = kept('claude-runs', { status: 'running', wanted: 'run', last_seen_at: at(1) })
  await appendAll(store, runOf([{ table: 'managed_agents', rows: [...long, runs] }]))
  const { ctx, most } = watched(store)
  const told: string[] = []
  const book = {
    tell: async ({ agent_id }: { agent_id: string }, [one]: readonly { detail: string | null }[]) => {
      told.push(`${agent_id} ${one?.detail}`)
    },
  } as unknown as EngineBook
  let now = at(2)
  const look = openHealthWatch({ store: ctx as unknown as Store, book, now: () => now })
  await look('atlas')
  now = at(60)
  const ended = kept('claude-runs', { ended_at: at(50), status_reason: 'stopped by ann' })
  await appendAll(store, runOf([{ table: 'managed_agents', rows: [ended] }], { startedAt: at(50) }))
  await look('atlas')
  expect([told, most() <= 101]).toEqual([['atlas/claude-runs dead: stopped by ann'], true])
})
