import { expect, test } from 'vitest'
import type { AgentRow } from '../../src/queries/fleet-rows.ts'
import { unreadAgents } from '../../src/queries/unread-facts.ts'

const NOW = new Date('2026-11-20T12:00:00Z')
const agent = (over: Partial<AgentRow> = {}): AgentRow => ({
  agent_id: 'atlas/claude-7k2m', machine_id: 'atlas', cli: 'claude', kind: 'observed', session_id: null, ended: null,
  first_seen: '2026-11-20T11:00:00Z', state: 'turn_finished', since: '2026-11-20T11:30:00Z', ...over,
}) as AgentRow // biome-ignore format: one row

const said = (row: AgentRow, isRead = true, sessions: Parameters<typeof unreadAgents>[1] = []) =>
  unreadAgents([row], sessions, () => isRead, NOW)

test('an agent whose turns leave no transcript where vc reads is named, with the key to write', () => {
  expect(said(agent())).toEqual([
    {
      machine: 'atlas',
      says: 'atlas/claude-7k2m takes turns, but no transcript of it is found: its tokens are not counted',
      fix: expect.stringContaining('[collectors.claude] homes = '),
    },
  ])
  expect(said(agent({ cli: 'opencode' }))[0]?.fix).toContain('data_dirs')
})

test.each([
  ['has its session', agent({ session_id: 's' }), true],
  ['was never asked', agent({ state: 'idle' }), true],
  ['asks at its start whether to trust the folder', agent({ state: 'needs_approval' }), true],
  ['has just begun its turn', agent({ state: 'working', since: '2026-11-20T11:59:30Z' }), true],
  ['has just been seen', agent({ first_seen: '2026-11-20T11:59:30Z', since: null }), true],
  ['has ended', agent({ ended: '2026-11-20T11:50:00Z' }), true],
  ['is of another program', agent({ cli: 'other' }), true],
  ['is not read on purpose', agent(), false],
] as const)('nothing is said of one that %s', (_what, row, isRead) => {
  expect(said(row, isRead)).toEqual([])
})

test('a session in its directory may be its own, if it was active since; what is older is not', () => {
  const codex = agent({ cli: 'codex', cwd: '/w' })
  const sessions = (activeAt: string) =>
    [{ machine_id: 'atlas', cli: 'codex', cwd: '/w', last_activity_at: activeAt }] as unknown as Parameters<
      typeof unreadAgents
    >[1]
  expect(said(codex, true, sessions('2026-11-20T11:30:00Z'))).toEqual([])
  expect(said(codex, true, sessions('2026-11-20T10:00:00Z'))).toHaveLength(1)
})
